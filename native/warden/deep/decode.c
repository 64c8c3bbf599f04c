// SPDX-License-Identifier: Apache-2.0
#include "decode.h"

#include <errno.h>
#include <string.h>

enum { FAMILY_UNIX = 1 }; /* the same on every arch */

const struct layout layout_own = {
	.wide = sizeof(void *) == 8,
	.big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
};

static uint64_t take(const struct layout *l, const uint8_t *at, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value = value << 8 | at[l->big ? i : size - 1 - i];
	return value;
}

static unsigned word_bytes(const struct layout *l)
{
	return l->wide ? 8 : 4;
}

int decode_how(const struct layout *l, const uint8_t *bytes, size_t size, struct how *out)
{
	if (size < HOW_BYTES)
		return -EINVAL;
	/* Members that we do not know must be zero, as for a kernel that does not (openat2(2)). */
	for (size_t i = HOW_BYTES; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	out->flags = take(l, bytes, 8);
	out->mode = take(l, bytes + 8, 8);
	out->resolve = take(l, bytes + 16, 8);
	return 0;
}

size_t message_bytes(const struct layout *l)
{
	return l->wide ? MESSAGE_MOST : MESSAGE_MOST / 2;
}

size_t piece_bytes(const struct layout *l)
{
	return 2 * word_bytes(l);
}

/* struct msghdr: name, its size (an int, padded), pieces, their number, control, its size, flags. */
int decode_message(const struct layout *l, const uint8_t *bytes, struct message *out)
{
	unsigned word = word_bytes(l);
	uint32_t size = (uint32_t)take(l, bytes + word, 4);

	out->name = take(l, bytes, word);
	out->pieces = take(l, bytes + 2 * word, word);
	out->piece_count = take(l, bytes + 3 * word, word);
	out->control = take(l, bytes + 4 * word, word);
	out->control_size = take(l, bytes + 5 * word, word);
	if (!out->name)
		size = 0;
	if (size > INT32_MAX)
		return -EINVAL;
	out->name_size = size < ADDRESS_MOST ? size : ADDRESS_MOST;
	return out->piece_count > PIECES_MOST ? -EMSGSIZE : 0;
}

int decode_pieces(const struct layout *l, const uint8_t *bytes, size_t count, uint64_t *bases,
		  uint64_t *sizes, uint64_t *total)
{
	unsigned word = word_bytes(l);
	uint64_t most = l->wide ? INT64_MAX : INT32_MAX; /* a ssize_t there */

	*total = 0;
	for (size_t i = 0; i < count; i++) {
		bases[i] = take(l, bytes + 2 * word * i, word);
		sizes[i] = take(l, bytes + 2 * word * i + word, word);
		if (sizes[i] > most)
			return -EINVAL;
		/* The kernel cuts what is beyond the most that one call moves. */
		if (sizes[i] > INT32_MAX - *total)
			sizes[i] = INT32_MAX - *total;
		*total += sizes[i];
	}
	return 0;
}

int decode_address_size(uint64_t arg, size_t *out)
{
	uint32_t size = (uint32_t)arg; /* an int: the upper half does not count */

	if (size > ADDRESS_MOST) /* negative ones, too */
		return -EINVAL;
	*out = size;
	return 0;
}

bool decode_address(const struct layout *l, const uint8_t *bytes, size_t size, struct address *out)
{
	const uint8_t *end;

	*out = (struct address){ .kind = NAME_NONE };
	if (size < 2)
		return false;
	out->family = (uint16_t)take(l, bytes, 2);
	if (out->family != FAMILY_UNIX || size == 2)
		return true;
	out->name = bytes + 2;
	out->name_size = size - 2;
	out->kind = bytes[2] ? NAME_PATH : NAME_ABSTRACT;
	end = memchr(out->name, 0, out->name_size);
	if (out->kind == NAME_PATH && end)
		out->name_size = (size_t)(end - out->name);
	return true;
}
