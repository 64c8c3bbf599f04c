// SPDX-License-Identifier: Apache-2.0
/* The loader and the evaluator, on images that the compiler wrote and on what is made of them. */
#include "policy.h"

#include "../../fuzz/policy-image.c"
#include "golden.h"
#include "tap.h"

#include <dirent.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct policy policy;
static struct policy_error error;

static bool loads(const unsigned char *image, size_t size)
{
	return policy_load(image, size, &policy, &error) == 0;
}

static void push_all(struct args *to, int count, const char *const *words)
{
	for (int i = 0; i < count; i++)
		if (args_push(to, words[i]))
			abort();
}

static uint32_t action_of(struct policy_verdict v)
{
	if (v.action == POLICY_ALLOW)
		return SECCOMP_RET_ALLOW;
	return v.action == POLICY_KILL ? 0x80000000u : SECCOMP_RET_ERRNO | (uint32_t)v.error;
}

static struct policy_verdict judge(const struct golden_call *c)
{
	struct args argv = { 0 }, envp = { 0 };
	struct facts facts = { .number = c->number, .path = c->path };
	struct policy_verdict verdict;

	memcpy(facts.args, c->args, sizeof(facts.args));
	for (int i = 0; i < 6; i++) {
		facts.deep[i].present = c->deep[i].size >= 0;
		facts.deep[i].size = facts.deep[i].present ? (size_t)c->deep[i].size : 0;
		/* A copy of its very size, so that a byte too far is seen. */
		facts.deep[i].bytes = malloc(facts.deep[i].size);
		if (facts.deep[i].size)
			memcpy((void *)(uintptr_t)facts.deep[i].bytes, c->deep[i].at,
			       facts.deep[i].size);
	}
	push_all(&argv, c->argc, c->argv);
	push_all(&envp, c->envc, c->envp);
	if (c->argc >= 0)
		facts.argv = &argv;
	if (c->envc >= 0)
		facts.envp = &envp;
	verdict = policy_judge(&policy, &facts);
	for (int i = 0; i < 6; i++)
		free((void *)(uintptr_t)facts.deep[i].bytes);
	args_free(&argv);
	args_free(&envp);
	return verdict;
}

static void test_golden(void)
{
	unsigned wrong = 0, image = ~0u, deciding = 0;

	for (size_t i = 0; i < COUNT(golden_calls); i++) {
		const struct golden_call *c = &golden_calls[i];
		const struct golden_image *from = &golden_images[c->image];
		struct policy_verdict v;

		if (image != c->image && !loads(from->at, from->size))
			printf("# image %u, byte %zu: %s\n", c->image, error.offset, error.what);
		image = c->image;
		v = judge(c);
		deciding += v.line != 0;
		if (action_of(v) != c->action || v.line != c->line) {
			printf("# call %zu of image %u: line %u, not %u\n", i, image, v.line,
			       c->line);
			wrong++;
		}
	}
	ok(!wrong, "%zu calls are judged as the compiler's own evaluator judges them",
	   COUNT(golden_calls));
	ok(deciding > COUNT(golden_calls) / 8, "%u of them by a rule", deciding);
}

static void test_needs(void)
{
	struct policy_needs needs;
	const int execs[] = { 59, 322, -1 };

	ok(loads(golden_no_evil, sizeof(golden_no_evil)) && policy_asks(&policy, 59) &&
		   policy_asks(&policy, 322) && !policy_asks(&policy, 2),
	   "execs are asked about, others are not");
	needs = policy_needs(&policy, 59);
	ok(needs.argv && !needs.envp && !needs.path && needs.deep[0].kind == DEEP_NONE,
	   "what is needed is argv and nothing else");
	ok(!policy_asks_beyond(&policy, execs), "nothing but exec is asked about");
	ok(loads(golden_environment, sizeof(golden_environment)) && policy_needs(&policy, 59).envp,
	   "an environment is needed where a rule has it");
	ok(loads(golden_deep_open, sizeof(golden_deep_open)) && policy_asks(&policy, 257) &&
		   policy_needs(&policy, 257).deep[1].kind == DEEP_STRING &&
		   policy_needs(&policy, 2).deep[0].kind == DEEP_STRING &&
		   !policy_needs(&policy, 0).argv,
	   "openat needs its second argument, open its first");
	ok(policy_asks_beyond(&policy, execs) != NULL, "which is more than exec");
	ok(loads(golden_kernel_decides, sizeof(golden_kernel_decides)) &&
		   !policy_asks(&policy, 140),
	   "what the kernel decides is not asked about");
}

static void test_cut(void)
{
	size_t size = sizeof(golden_random_0), refused = 0;

	for (size_t n = 0; n < size; n++) {
		unsigned char *cut = malloc(n ? n : 1);

		memcpy(cut, golden_random_0, n);
		refused += !loads(cut, n);
		free(cut);
	}
	ok(refused == size, "an image that is cut anywhere is refused");
}

static uint32_t random_state = 7;

static uint32_t next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state >> 8;
}

/* What loads must be judged without a fault, whatever was done to it; sanitizers watch. */
/* What fuzzing found worth keeping. */
static void test_corpus(void)
{
	static unsigned char bytes[65536];
	DIR *dir = opendir("fuzz/corpus/policy-image");
	unsigned files = 0, loaded = 0;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char path[512];
		unsigned char *image;
		size_t n;
		FILE *f;

		snprintf(path, sizeof(path), "fuzz/corpus/policy-image/%s", e->d_name);
		f = *e->d_name == '.' ? NULL : fopen(path, "rb");
		if (!f)
			continue;
		n = fread(bytes, 1, sizeof(bytes), f);
		fclose(f);
		/* A block of just that size, so that a step beyond it is seen. */
		image = malloc(n ? n : 1);
		memcpy(image, bytes, n);
		(void)LLVMFuzzerTestOneInput(image, n);
		loaded += loads(image, n);
		files++;
		free(image);
	}
	if (dir)
		closedir(dir);
	ok(files >= 200 && loaded > 0, "%u files of the corpus, of which %u load", files, loaded);
}

static void test_damaged(void)
{
	unsigned loaded = 0, refused = 0;

	for (unsigned round = 0; round < 20000; round++) {
		const struct golden_image *from =
			&golden_images[next_random() % COUNT(golden_images)];
		unsigned char *image = malloc(from->size);

		memcpy(image, from->at, from->size);
		for (unsigned i = next_random() % 4 + 1; i; i--)
			image[next_random() % from->size] = (unsigned char)next_random();
		(void)LLVMFuzzerTestOneInput(image, from->size);
		if (loads(image, from->size)) {
			loaded++;
			for (int i = 0; i < 4; i++)
				(void)judge(&golden_calls[next_random() % COUNT(golden_calls)]);
		} else {
			refused++;
		}
		free(image);
	}
	ok(loaded > 1000 && refused > 1000, "%u damaged images load and are judged, %u do not",
	   loaded, refused);
}

static void refuses(size_t offset, unsigned char byte, const char *what)
{
	unsigned char image[sizeof(golden_random_0)];

	memcpy(image, golden_random_0, sizeof(image));
	image[offset] = byte;
	if (ok(!loads(image, sizeof(image)), "%s is refused", what))
		printf("# %s\n", error.what);
}

static void test_refusals(void)
{
	refuses(0, 'X', "another magic");
	refuses(8, 2, "another version");
	refuses(12, 1, "another length");
	refuses(23, 0x12, "a default that is no action");
	refuses(52, 1, "a reserved word");
	refuses(56, 0x21, "an unknown instruction");
	refuses(60, 64, "a load from behind the call's data");
	ok(!loads((const unsigned char *)"", 0), "nothing is refused");
}

static bool globs(const char *pattern, const char *text)
{
	return policy_glob((const uint8_t *)pattern, strlen(pattern), (const uint8_t *)text,
			   strlen(text));
}

static void test_globs(void)
{
	ok(globs("", "") && !globs("", "a") && globs("*", "") && globs("**", "x/y"),
	   "nothing and anything");
	ok(globs("/etc/*", "/etc/a/b") && !globs("/etc/*", "/etc"), "a star spans slashes");
	ok(globs("?b", "ab") && !globs("?", "") && globs("a*b*c", "aXbYbc") &&
		   !globs("a*b*c", "aXbYb"),
	   "question marks, and stars that try again");
	ok(globs("\\*", "*") && !globs("\\*", "a") && globs("\\?", "?") && globs("\\\\", "\\") &&
		   globs("a\\", "a\\"),
	   "a backslash takes the meaning");
}

int main(void)
{
	test_golden();
	test_needs();
	test_cut();
	test_corpus();
	test_damaged();
	test_refusals();
	test_globs();
	return tap_done();
}
