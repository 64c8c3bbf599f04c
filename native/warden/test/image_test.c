// SPDX-License-Identifier: Apache-2.0
#include "image.h"

#include "tap.h"

#include <stdlib.h>
#include <string.h>

static char interpreter[IMAGE_HEAD], argument[IMAGE_HEAD];

static bool script(const char *head, size_t n, const char *first, const char *second)
{
	return image_parse_script(head, n, interpreter, argument, IMAGE_HEAD) == 1 &&
	       !strcmp(interpreter, first) && !strcmp(argument, second);
}

static bool no_script(const char *head, size_t n)
{
	return image_parse_script(head, n, interpreter, argument, IMAGE_HEAD) == 0;
}

#define TEXT(s) s, sizeof(s) - 1

static void test_scripts(void)
{
	char head[IMAGE_HEAD];

	ok(script(TEXT("#!/bin/sh\necho"), "/bin/sh", ""), "an interpreter");
	ok(script(TEXT("#! \t/bin/sh  -e -x \t\n"), "/bin/sh", "-e -x"),
	   "the rest is one argument");
	ok(script(TEXT("#!/bin/sh"), "/bin/sh", ""), "a file that ends without a newline");
	ok(no_script(TEXT("#!")) && no_script(TEXT("#!\n")) && no_script(TEXT("#!  \n/bin/sh")),
	   "no interpreter");
	ok(no_script(TEXT("\x7f"
			  "ELF")) &&
		   no_script(TEXT("#")) && no_script("", 0),
	   "no script");
	ok(script(TEXT("#!/bin/sh\0-x\n"), "/bin/sh", ""), "a NUL ends the line");
	memset(head, 'x', sizeof(head));
	memcpy(head, "#!/", 3);
	ok(no_script(head, sizeof(head)), "an interpreter that is cut off");
	head[100] = ' ';
	ok(image_parse_script(head, sizeof(head), interpreter, argument, IMAGE_HEAD) == 1 &&
		   strlen(interpreter) == 98 && strlen(argument) == IMAGE_HEAD - 1 - 101,
	   "an argument that is cut off where the kernel cuts it");
}

static struct args args_of(const char *const *argv)
{
	struct args a = { 0 };

	for (; *argv; argv++)
		if (args_push(&a, *argv))
			abort();
	return a;
}

static void test_cmdline(void)
{
	struct args a = args_of((const char *const[]){ "sh", "", "x", NULL });
	struct args none = { 0 }, tail = { 0 };
	char big[5000];

	ok(args_match(&a, "sh\0\0x", 6), "the same");
	ok(!args_match(&a, "sh\0\0x", 5), "a shorter one");
	ok(!args_match(&a, "sh\0\0y", 6), "another one");
	ok(!args_match(&a, "sh\0x\0", 6), "other borders");
	ok(args_match(&none, "", 0) && args_match(&none, "", 1),
	   "an empty argv, before and since 5.18");
	ok(!args_match(&none, "a", 2) && !args_match(&none, "\0", 2), "no other passes for empty");
	ok(!strcmp(args_at(&a, 1), "") && !strcmp(args_at(&a, 2), "x") && !args_at(&a, 3) &&
		   !args_at(&none, 0),
	   "elements by index");
	ok(args_copy_tail(&tail, &a, 1) == 0 && tail.count == 2 && args_match(&tail, "\0x", 3),
	   "a tail");
	ok(args_copy_tail(&tail, &none, 0) == 0 && tail.count == 2, "a tail of nothing");
	memset(big, 'b', sizeof(big));
	args_clear(&tail);
	for (size_t used = 0; used + sizeof(big) <= ARGS_MAX; used += sizeof(big))
		if (args_append(&tail, big, sizeof(big)))
			abort();
	ok(args_append(&tail, big, sizeof(big)) != 0, "no more than the limit");
	args_free(&a);
	args_free(&tail);
}

static void test_names(void)
{
	static struct exec_call call;

	call.tid = call.tgid = 1;
	call.dirfd = -5;
	strcpy(call.path, "/bin/sh");
	ok(image_name(&call) == 0 && !strcmp(call.named, "/bin/sh") &&
		   !strcmp(call.judged, "/bin/sh"),
	   "an absolute path needs no directory");
	strcpy(call.path, "sh");
	ok(image_name(&call) != 0, "a relative one from an fd that is not there");
}

int main(void)
{
	test_scripts();
	test_cmdline();
	test_names();
	return tap_done();
}
