// SPDX-License-Identifier: Apache-2.0
#include "jsonl.h"
#include "tap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is(struct jsonl *j, const char *want)
{
	bool same = jsonl_end(j) == 0 && j->len == strlen(want) && !memcmp(j->buf, want, j->len);

	if (!same)
		printf("# got %.*s", (int)j->len, j->buf);
	return same;
}

static void test_members(void)
{
	struct jsonl j;

	jsonl_begin_at(&j, "x", 5);
	ok(is(&j, "{\"t\":5,\"event\":\"x\"}\n"), "an event alone");

	jsonl_begin_at(&j, "x", 18446744073709551615u);
	jsonl_int(&j, "least", -9223372036854775807LL - 1);
	jsonl_bool(&j, "yes", true);
	jsonl_bool(&j, "no", false);
	jsonl_null(&j, "none");
	ok(is(&j, "{\"t\":18446744073709551615,\"event\":\"x\",\"least\":-9223372036854775808,"
		  "\"yes\":true,\"no\":false,\"none\":null}\n"),
	   "numbers at their limits and the literals");
}

static void test_bytes(void)
{
	struct jsonl j;

	jsonl_begin_at(&j, "x", 0);
	jsonl_str(&j, "k", "a\"\\\n\0\xff~\x7f", 8);
	ok(is(&j, "{\"t\":0,\"event\":\"x\",\"k\":\"a\\\"\\\\\\u000a\\u0000\\u00ff~\\u007f\"}\n"),
	   "every byte that is not printable ASCII becomes one code point");
}

static void test_scopes(void)
{
	struct jsonl j;

	jsonl_begin_at(&j, "x", 0);
	jsonl_array_begin(&j, "none");
	jsonl_array_end(&j);
	jsonl_array_begin(&j, "two");
	jsonl_element(&j, "a", 1);
	jsonl_element(&j, "", 0);
	jsonl_array_end(&j);
	jsonl_object_begin(&j, "o");
	jsonl_int(&j, "a", 1);
	jsonl_int(&j, "b", 2);
	jsonl_object_end(&j);
	jsonl_int(&j, "last", 0);
	ok(is(&j,
	      "{\"t\":0,\"event\":\"x\",\"none\":[],\"two\":[\"a\",\"\"],\"o\":{\"a\":1,\"b\":2},"
	      "\"last\":0}\n"),
	   "commas stand between members and nowhere else");
}

static void test_overflow(void)
{
	static char big[JSONL_MAX];
	struct jsonl j;
	int pipe_fds[2];
	char got[8];

	memset(big, 'x', sizeof(big));
	jsonl_begin_at(&j, "x", 0);
	jsonl_str(&j, "k", big, sizeof(big));
	ok(jsonl_end(&j) == -E2BIG, "a line that does not fit is refused");

	if (!ok(pipe(pipe_fds) == 0, "a pipe for the refused line"))
		return;
	jsonl_begin_at(&j, "x", 0);
	jsonl_str(&j, "k", big, sizeof(big));
	ok(jsonl_send(&j, pipe_fds[1]) == -E2BIG, "sending it says so");
	close(pipe_fds[1]);
	ok(read(pipe_fds[0], got, sizeof(got)) == 0, "and nothing of it was written");
	close(pipe_fds[0]);
}

int main(void)
{
	test_members();
	test_bytes();
	test_scopes();
	test_overflow();
	return tap_done();
}
