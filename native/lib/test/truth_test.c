// SPDX-License-Identifier: Apache-2.0
#include "tap.h"
#include "truth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A record on the heap of just its size, so that the sanitizer sees one byte too many. */
static struct pf_record *make(uint16_t kind, uint16_t flags, uint32_t length)
{
	struct pf_record *r = calloc(1, length);

	if (!r)
		abort();
	*r = (struct pf_record){ .kind = kind, .flags = flags, .length = length, .t_ns = 7 };
	return r;
}

static struct pf_exec_event *make_exec(const void *data, uint16_t path, uint16_t argv,
				       uint64_t argc)
{
	uint32_t length = (uint32_t)(sizeof(struct pf_exec_event) + path + argv + 15) / 16 * 16;
	struct pf_exec_event *e = (void *)make(PF_EXEC, 0, length);

	e->event.view.pid = 258;
	e->event.view.args[0] = argc;
	e->path_bytes = path;
	e->argv_bytes = argv;
	memcpy(e->data, data, (size_t)path + argv);
	return e;
}

/* Frees the record. */
static bool words(void *record, const char *want)
{
	struct jsonl j;
	bool same = !truth_json(record, &j) && !jsonl_end(&j) && j.len == strlen(want) &&
		    !memcmp(j.buf, want, j.len);

	free(record);
	if (!same)
		printf("# got %.*s", (int)j.len, j.buf);
	return same;
}

static int flaw(void *record)
{
	struct jsonl j;
	int err = truth_json(record, &j);

	free(record);
	return err;
}

static void test_words(void)
{
	struct pf_event *fork = (void *)make(PF_FORK, 0, sizeof(*fork));
	struct pf_dropped_record *dropped = (void *)make(PF_DROPPED, 0, sizeof(*dropped));
	struct pf_exec_event *cut;

	ok(words(make_exec("/ww\0EVIL", 2, 7, 2),
		 "{\"t\":7,\"event\":\"exec\",\"pid\":258,\"path\":\"/w\",\"argc\":2,"
		 "\"argv\":[\"w\",\"EVIL\"],\"truncated\":false}\n"),
	   "an exec");
	cut = make_exec("/www", 2, 2, 5);
	cut->event.head.flags = PF_TRUNCATED;
	ok(words(cut, "{\"t\":7,\"event\":\"exec\",\"pid\":258,\"path\":\"/w\",\"argc\":5,"
		      "\"argv\":[\"ww\"],\"truncated\":true}\n"),
	   "one that is cut");
	fork->view.pid = 5;
	fork->view.args[0] = 6;
	ok(words(fork, "{\"t\":7,\"event\":\"fork\",\"pid\":5,\"child\":6}\n"), "a fork");
	dropped->count = 3;
	ok(words(dropped, "{\"t\":7,\"event\":\"dropped\",\"count\":3}\n"), "drops");
}

static void test_longest(void)
{
	static uint8_t bytes[PF_PATH_MOST + PF_ARGV_MOST];
	struct jsonl j;
	void *record;

	memset(bytes, 1, sizeof(bytes)); /* six characters each */
	record = make_exec(bytes, PF_PATH_MOST, PF_ARGV_MOST, 1);
	ok(!truth_json(record, &j) && !jsonl_end(&j), "the longest exec fits a line");
	free(record);
	memset(bytes, 0, sizeof(bytes)); /* as many arguments as there can be */
	record = make_exec(bytes, PF_PATH_MOST, PF_ARGV_MOST, UINT64_MAX);
	ok(!truth_json(record, &j) && !jsonl_end(&j), "and so does the one with most arguments");
	free(record);
}

static void test_flaws(void)
{
	struct pf_exec_event *e = make_exec("/ww", 2, 1, 1);

	e->path_bytes = 200;
	ok(flaw(e) == -EBADMSG, "a path longer than its record");
	e = make_exec("/ww", 2, 1, 1);
	e->argv_bytes = PF_ARGV_MOST + 1;
	ok(flaw(e) == -EBADMSG, "arguments longer than are kept");
	ok(flaw(make(PF_EXEC, 0, 112)) == -EBADMSG, "an exec that is too short");
	ok(flaw(make(PF_FORK, 0, 96)) == -EBADMSG, "a fork that is too short");
	ok(flaw(make(PF_DROPPED, 0, 16)) == -EBADMSG, "drops without a count");
	ok(flaw(make(PF_REASON, 0, 128)) == -ENOTSUP, "what has no wording");
}

int main(void)
{
	test_words();
	test_longest();
	test_flaws();
	return tap_done();
}
