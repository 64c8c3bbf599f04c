// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

#include "tap.h"

#include <stdlib.h>
#include <string.h>

static struct policy policy;
static struct policy_error error;

static bool parses(const char *text)
{
	bool good = policy_parse(text, strlen(text), &policy, &error) == 0;

	if (!good)
		printf("# %u:%u: %s\n", error.line, error.column, error.what);
	return good;
}

static void fails_at(const char *text, unsigned line, unsigned column, const char *name)
{
	int err = policy_parse(text, strlen(text), &policy, &error);

	if (!ok(err && error.line == line && error.column == column, "%u:%u %s", line, column,
		name))
		printf("# got %d at %u:%u: %s\n", err, error.line, error.column,
		       err ? error.what : "");
}

static struct policy_verdict judge(const char *path, const char *const *argv)
{
	struct args args = { 0 };
	struct policy_verdict verdict;

	for (; *argv; argv++)
		if (args_push(&args, *argv))
			abort();
	verdict = policy_judge(&policy, path, &args);
	args_free(&args);
	return verdict;
}

/* The path, then argv. */
static struct policy_verdict judge_all(const char *const *words)
{
	return judge(words[0], words + 1);
}

#define JUDGE(...) judge_all((const char *const[]){ __VA_ARGS__, NULL })

static bool gives(struct policy_verdict v, bool allow, unsigned line)
{
	return v.allow == allow && v.line == line;
}

static void test_order(void)
{
	ok(parses("deny  exec argv[1] == \"EVIL\"\nallow exec path == \"/bin/witness\" && argc <= "
		  "3\n"
		  "allow exec"),
	   "the example of the format's description parses");
	ok(gives(JUDGE("/bin/witness", "w", "EVIL"), false, 1), "the first matching rule decides");
	ok(gives(JUDGE("/bin/witness", "w", "GOOD"), true, 2), "terms are joined by and");
	ok(gives(JUDGE("/bin/witness", "w", "a", "b", "c"), true, 3),
	   "a failing term leaves it to the next");
	ok(parses("# only a comment\n\n \t\n"), "comments and empty lines are no rules");
	ok(gives(JUDGE("/bin/true", "true"), false, 0), "no match denies, by line 0");
	ok(parses(""), "an empty policy parses");
	ok(parses("\n\nallow exec # why\n"), "a comment may follow a rule");
	ok(gives(JUDGE("/bin/true", "true"), true, 3),
	   "lines are counted from the top of the file");
}

static void test_comparisons(void)
{
	ok(parses("allow exec argv[2] != \"x\""), "!= parses");
	ok(JUDGE("p", "a").allow, "an absent element differs from everything");
	ok(JUDGE("p", "a", "b", "c").allow && !JUDGE("p", "a", "b", "x").allow,
	   "!= on a present one");
	ok(parses("allow exec argv[0] == \"\""), "the empty string parses");
	ok(!JUDGE("p").allow && JUDGE("p", "").allow, "an absent element is not the empty one");
	ok(parses("allow exec argc > 1 && argc < 3"), "numbers parse");
	ok(!JUDGE("p", "a").allow && JUDGE("p", "a", "b").allow && !JUDGE("p", "a", "b", "c").allow,
	   "numbers compare");
	ok(parses("allow exec argc >= 2 && argc <= 2 && argc == 2 && argc != 3") &&
		   JUDGE("p", "a", "b").allow && !JUDGE("p", "a").allow,
	   "every comparison of numbers");
	ok(parses("allow exec path==\"/a\"&&argv[0]!=\"b\"") && JUDGE("/a", "c").allow,
	   "blanks are optional");
}

static void test_bytes(void)
{
	char many[65536], *at = many;

	ok(parses("deny exec argv[1] == \"\\xff\\xFE\\n\\t\\\\\\\"\"\nallow exec"),
	   "escapes parse");
	ok(!JUDGE("p", "a", "\xff\xfe\n\t\\\"").allow && JUDGE("p", "a", "\xff").allow,
	   "bytes that are no UTF-8 are compared as they are");
	ok(parses("deny exec argv[1] == \"\xc3\x28#\"\nallow exec") &&
		   !JUDGE("p", "a", "\xc3\x28#").allow,
	   "raw bytes and # inside a string");
	memset(many, 'x', 5000);
	many[5000] = '\0';
	ok(parses("deny exec argv[70] == \"last\"\nallow exec"), "an index past 64");
	{
		const char *argv[72];

		for (int i = 0; i < 70; i++)
			argv[i] = many;
		argv[70] = "last";
		argv[71] = NULL;
		ok(!judge("p", argv).allow, "the 71st element is seen behind 5000-byte ones");
	}
	for (unsigned i = 0; i <= POLICY_MAX_RULES; i++)
		at += sprintf(at, "deny exec\n");
	fails_at(many, POLICY_MAX_RULES + 1, 1, "too many rules");
}

static void test_errors(void)
{
	fails_at("permit exec", 1, 1, "an unknown decision");
	fails_at("allow exec\n  deny open", 2, 8, "an unknown object");
	fails_at("allow exec path", 1, 16, "a missing comparison");
	fails_at("allow exec path < \"a\"", 1, 17, "an order on strings");
	fails_at("allow exec path == a", 1, 20, "a string without quotes");
	fails_at("allow exec path == \"a\nb\"", 1, 20, "a string over two lines");
	fails_at("allow exec argv == \"a\"", 1, 16, "argv without an index");
	fails_at("allow exec argv[] == \"a\"", 1, 17, "an empty index");
	fails_at("allow exec argv[1 == \"a\"", 1, 18, "an index that is not closed");
	fails_at("allow exec argv[99999999999] == \"a\"", 1, 17, "an index that is too large");
	fails_at("allow exec argc == \"1\"", 1, 20, "a number in quotes");
	fails_at("allow exec argc == 1x", 1, 20, "a number with a tail");
	fails_at("allow exec argc == 1 argc == 2", 1, 22, "terms without &&");
	fails_at("allow exec argc == 1 &&", 1, 24, "&& without a term");
	fails_at("allow exec && argc == 1", 1, 12, "&& in front");
	fails_at("allow exec path == \"\\q\"", 1, 21, "an unknown escape");
	fails_at("allow exec path == \"\\x0\"", 1, 21, "half a hex escape");
	fails_at("allow exec path == \"\\x00\"", 1, 21, "a NUL that no argument can hold");
	fails_at("allowexec", 1, 1, "words run together");
	fails_at("allow exec path == \"\\", 1, 21, "a backslash at the very end");
}

int main(void)
{
	test_order();
	test_comparisons();
	test_bytes();
	test_errors();
	return tap_done();
}
