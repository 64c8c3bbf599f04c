// SPDX-License-Identifier: Apache-2.0
/* The decoders on bytes as every layout has them, and on what a fuzzer may make of those. */
#include "deep/decode.h"

#include "../../fuzz/deep-decode.c"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#ifndef CORPUS
#define CORPUS "fuzz/corpus/deep-decode"
#endif

static const struct layout wide_little = { true, false }, wide_big = { true, true };
static const struct layout narrow_little = { false, false }, narrow_big = { false, true };

/* Of the files in the corpus, by name. */
static size_t load(const char *name, uint8_t *out, size_t size)
{
	char path[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", CORPUS, name);
	f = fopen(path, "rb");
	if (f) {
		n = fread(out, 1, size, f);
		fclose(f);
	}
	return n;
}

static void test_how(void)
{
	uint8_t bytes[64] = { 0 };
	struct how how;

	ok(load("how-little", bytes, 24) == 24 && !decode_how(&wide_little, bytes, 24, &how) &&
		   how.flags == 0101 && how.mode == 0600 && how.resolve == 4,
	   "open_how, little-endian");
	ok(load("how-big", bytes, 24) == 24 && !decode_how(&narrow_big, bytes, 24, &how) &&
		   how.flags == 0101 && how.mode == 0600 && how.resolve == 4,
	   "open_how, big-endian");
	ok(decode_how(&narrow_big, bytes, 23, &how) == -EINVAL, "a short one is refused");
	ok(decode_how(&narrow_big, bytes, 32, &how) == 0, "zeroes behind it are nothing");
	bytes[31] = 1;
	ok(decode_how(&narrow_big, bytes, 32, &how) == -E2BIG, "what is unknown is refused");
}

static bool is_message(const struct layout *l, const char *name, uint32_t name_size)
{
	uint8_t bytes[MESSAGE_MOST];
	struct message m;

	return load(name, bytes, message_bytes(l)) == message_bytes(l) &&
	       !decode_message(l, bytes, &m) && m.name == 0x1000 && m.name_size == name_size &&
	       m.pieces == 0x2000 && m.piece_count == 2;
}

static void test_message(void)
{
	uint8_t bytes[MESSAGE_MOST] = { 0 };
	struct message m;

	ok(is_message(&wide_little, "message-wide-little", 16) &&
		   is_message(&wide_big, "message-wide-big", 16) &&
		   is_message(&narrow_little, "message-narrow-little", 110) &&
		   is_message(&narrow_big, "message-narrow-big", 110),
	   "msghdr in both widths and both byte orders");
	bytes[4] = 200; /* the size of a name that is not there */
	ok(!decode_message(&narrow_little, bytes, &m) && m.name_size == 0,
	   "a name that is not there has no size");
	bytes[0] = 1;
	ok(!decode_message(&narrow_little, bytes, &m) && m.name_size == ADDRESS_MOST,
	   "one that is too long is cut");
	bytes[7] = 0x80;
	ok(decode_message(&narrow_little, bytes, &m) == -EINVAL, "a negative size is refused");
	bytes[7] = 0;
	bytes[13] = 0x40;
	ok(decode_message(&narrow_little, bytes, &m) == -EMSGSIZE, "so are too many pieces");
}

static void test_pieces(void)
{
	uint64_t bases[2], sizes[2], total;
	uint8_t bytes[32];

	ok(load("pieces-wide-big", bytes, 32) == 32 &&
		   !decode_pieces(&wide_big, bytes, 2, bases, sizes, &total) &&
		   bases[1] == 0x2000 && sizes[0] == 5 && total == INT32_MAX &&
		   sizes[1] == INT32_MAX - 5,
	   "the most that one call moves is not passed");
	ok(load("pieces-narrow-little", bytes, 16) == 16 &&
		   decode_pieces(&narrow_little, bytes, 2, bases, sizes, &total) == -EINVAL,
	   "a size that is negative there is refused");
	memset(bytes, 0xff, sizeof(bytes));
	ok(decode_pieces(&wide_little, bytes, 2, bases, sizes, &total) == -EINVAL,
	   "sizes that overflow are refused");
}

static void test_address(void)
{
	uint8_t bytes[128] = { 0 };
	struct address a;
	size_t n = load("unix-path-big", bytes, sizeof(bytes)), size;

	ok(decode_address(&wide_big, bytes, n, &a) && a.kind == NAME_PATH && a.name_size == 6,
	   "a path ends at its NUL");
	n = load("unix-abstract-little", bytes, sizeof(bytes));
	ok(decode_address(&narrow_little, bytes, n, &a) && a.kind == NAME_ABSTRACT &&
		   a.name_size == 5,
	   "an abstract name has all its bytes");
	ok(decode_address(&narrow_little, bytes, 2, &a) && a.kind == NAME_NONE,
	   "a family alone has no name");
	ok(!decode_address(&narrow_little, bytes, 1, &a), "one byte is no address");
	ok(!decode_address_size(0xbad0bad000000010u, &size) && size == 16 &&
		   decode_address_size(129, &size) && decode_address_size(UINT32_MAX, &size),
	   "a size is an int: the upper half does not count, nor does a negative one pass");
}

enum { FILE_MOST = 4096 };

/* A block of just that size, so that a step beyond it is seen. */
static void run_on(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	memcpy(copy, bytes, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

/* Every file of the corpus, cut at every byte and damaged at every byte. */
static void test_corpus(void)
{
	DIR *dir = opendir(CORPUS);
	struct dirent *e;
	unsigned files = 0;

	while (dir && (e = readdir(dir))) {
		static uint8_t bytes[FILE_MOST];
		size_t n = *e->d_name == '.' ? 0 : load(e->d_name, bytes, sizeof(bytes));

		files += n > 0;
		for (size_t i = 0; i < n; i++) {
			run_on(bytes, i);
			for (unsigned bit = 0; bit < 8; bit++) {
				bytes[i] ^= (uint8_t)(1u << bit);
				run_on(bytes, n);
				bytes[i] ^= (uint8_t)(1u << bit);
			}
		}
	}
	if (dir)
		closedir(dir);
	ok(files >= 14, "%u files of the corpus, whole and damaged", files);
}

int main(void)
{
	test_how();
	test_message();
	test_pieces();
	test_address();
	test_corpus();
	return tap_done();
}
