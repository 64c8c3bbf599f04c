// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as what a call points to, in every layout: whatever is taken for good must lie within
 * its bounds. For libFuzzer: `npm run fuzz`.
 * The ordinary tests run it over that corpus and over damaged copies of it.
 */
#include "deep/decode.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static void try_address(const struct layout *l, const uint8_t *bytes, size_t size)
{
	struct address a;

	if (!decode_address(l, bytes, size, &a) || a.kind == NAME_NONE)
		return;
	check(a.name >= bytes && a.name + a.name_size <= bytes + size);
	check(a.kind != NAME_PATH || !memchr(a.name, 0, a.name_size));
}

static void try_pieces(const struct layout *l, const uint8_t *bytes, size_t size)
{
	static uint64_t bases[PIECES_MOST], sizes[PIECES_MOST];
	size_t count = size / piece_bytes(l);
	uint64_t total, sum = 0;

	if (count > PIECES_MOST)
		count = PIECES_MOST;
	if (decode_pieces(l, bytes, count, bases, sizes, &total))
		return;
	for (size_t i = 0; i < count; i++)
		sum += sizes[i];
	check(sum == total && total <= INT32_MAX);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	for (unsigned i = 0; i < 4; i++) {
		struct layout l = { .wide = i & 1, .big = i & 2 };
		struct message m;
		struct how how;
		size_t n;

		if (size >= message_bytes(&l) && decode_message(&l, data, &m) == 0)
			check(m.name_size <= ADDRESS_MOST && m.piece_count <= PIECES_MOST &&
			      (m.name || !m.name_size));
		if (size <= HOW_MOST)
			(void)decode_how(&l, data, size, &how);
		if (size >= 8) {
			uint64_t arg;

			memcpy(&arg, data, sizeof(arg));
			check(decode_address_size(arg, &n) || n <= ADDRESS_MOST);
		}
		try_address(&l, data, size < ADDRESS_MOST ? size : ADDRESS_MOST);
		try_pieces(&l, data, size);
	}
	return 0;
}
