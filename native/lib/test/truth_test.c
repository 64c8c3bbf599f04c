// SPDX-License-Identifier: Apache-2.0
#include "photofinish_uapi.h"
#include "tap.h"
#include "truth.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Golden bytes: pid 258, argc 2, path "/w", arguments "w" and "EVIL", time 7. */
/* clang-format off */
static const uint8_t exec_record[] = {
	1, 0, 1, 0, 48, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
	2, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 7, 0,
	'/', 'w', 'w', 0, 'E', 'V', 'I', 'L', 0, 0, 0, 0, 0, 0, 0, 0,
};
/* clang-format on */
static const uint8_t fork_record[] = {
	1, 0, 2, 0, 24, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0,
};
static const uint8_t dropped_record[] = {
	1, 0, 3, 0, 24, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
};

static bool words(const uint8_t *record, size_t len, const char *want)
{
	struct truth_event event;
	struct jsonl j;
	bool same;

	if (truth_decode(record, len, &event) != (int)len || truth_json(&event, &j) ||
	    jsonl_end(&j))
		return false;
	same = j.len == strlen(want) && !memcmp(j.buf, want, j.len);
	if (!same)
		printf("# got %.*s", (int)j.len, j.buf);
	return same;
}

static void test_golden(void)
{
	ok(words(exec_record, sizeof(exec_record),
		 "{\"t\":7,\"event\":\"exec\",\"pid\":258,\"path\":\"/w\",\"argc\":2,"
		 "\"argv\":[\"w\",\"EVIL\"],\"truncated\":false}\n"),
	   "an exec record");
	ok(words(fork_record, sizeof(fork_record),
		 "{\"t\":4294967296,\"event\":\"fork\",\"pid\":5,\"child\":6}\n"),
	   "a fork record");
	ok(words(dropped_record, sizeof(dropped_record),
		 "{\"t\":9,\"event\":\"dropped\",\"count\":3}\n"),
	   "a record of drops");
}

/* A copy on the heap of just this size, so that the sanitizer sees one byte too many. */
static int decode_copy(const uint8_t *record, size_t len, struct truth_event *event)
{
	uint8_t *copy = malloc(len ? len : 1);
	int got;

	if (!copy)
		abort();
	memcpy(copy, record, len);
	got = truth_decode(copy, len, event);
	free(copy);
	return got;
}

static void test_truncated(void)
{
	struct truth_event event;
	bool all = true;

	ok(decode_copy(exec_record, 0, &event) == 0, "nothing is the end");
	for (size_t n = 1; n < sizeof(exec_record); n++)
		all = decode_copy(exec_record, n, &event) == -EBADMSG && all;
	ok(all, "every prefix of a record is refused");
}

static int with_byte(size_t at, uint8_t value)
{
	uint8_t record[sizeof(exec_record)];
	struct truth_event event;

	memcpy(record, exec_record, sizeof(record));
	record[at] = value;
	return decode_copy(record, sizeof(record), &event);
}

static void test_hostile(void)
{
	ok(with_byte(0, 2) == -EPROTO, "another version is told apart from damage");
	ok(with_byte(4, 8) == -EBADMSG, "a length shorter than a head");
	ok(with_byte(4, 47) == -EBADMSG, "a length out of step");
	ok(with_byte(4, 56) == -EBADMSG, "a length beyond the buffer");
	ok(with_byte(5, 255) == -EBADMSG, "a length beyond any record");
	ok(with_byte(4, 24) == -EBADMSG, "an exec shorter than an exec");
	ok(with_byte(28, 17) == -EBADMSG, "a path beyond the record");
	ok(with_byte(31, 1) == -EBADMSG, "arguments beyond the record");
	ok(with_byte(2, 99) == (int)sizeof(exec_record), "an unknown type is stepped over");
}

/* Any bytes at all: no crash, no read outside, and what is accepted can be worded. */
static void test_noise(void)
{
	uint8_t record[TRUTH_RECORD_MAX];
	uint64_t state = 1;
	bool all = true;

	for (int round = 0; round < 20000; round++) {
		struct truth_event event;
		struct jsonl j;
		size_t len;

		for (size_t i = 0; i < sizeof(record); i++) {
			state = state * 6364136223846793005u + 1442695040888963407u;
			record[i] = (uint8_t)(state >> 56);
		}
		len = (size_t)(state >> 33) % (sizeof(record) + 1);
		memcpy(record, exec_record, 8);
		record[2] = (uint8_t)(1 + round % 4);
		record[4] = (uint8_t)(len & 0xf8);
		record[5] = (uint8_t)(len >> 8);
		record[29] &= 1;
		record[31] &= 1;
		if (truth_decode(record, len, &event) > 0 && event.kind != TRUTH_UNKNOWN)
			all = truth_json(&event, &j) == 0 && jsonl_end(&j) == 0 && all;
	}
	ok(all, "noise is refused or worded");
}

static bool longest_fits(const uint8_t *pattern, size_t n)
{
	const uint8_t low = TRUTH_RECORD_MAX & 255, high = TRUTH_RECORD_MAX >> 8;
	uint8_t record[TRUTH_RECORD_MAX] = { 1, 0, 1, 0, low, high };
	struct truth_event event;
	struct jsonl j;

	memset(record + 8, 255, 20);
	record[29] = PF_PATH_MAX >> 8;
	record[31] = PF_ARGV_MAX >> 8;
	for (size_t i = 0; i < PF_PATH_MAX + PF_ARGV_MAX; i++)
		record[sizeof(struct pf_exec) + i] = i < PF_PATH_MAX ? 1 : pattern[i % n];
	return truth_decode(record, sizeof(record), &event) == TRUTH_RECORD_MAX &&
	       truth_json(&event, &j) == 0 && jsonl_end(&j) == 0;
}

static void test_longest(void)
{
	ok(longest_fits((const uint8_t[]){ 1 }, 1), "one long argument of control bytes fits");
	ok(longest_fits((const uint8_t[]){ 1, 0 }, 2), "many short arguments fit");
	ok(longest_fits((const uint8_t[]){ 0 }, 1), "many empty arguments fit");
}

int main(void)
{
	test_golden();
	test_truncated();
	test_hostile();
	test_noise();
	test_longest();
	return tap_done();
}
