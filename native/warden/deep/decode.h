/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structures that calls point to, decoded from a copy of their bytes: pure, for either width and
 * byte order, so that every layout is tested on any machine.
 */
#ifndef PF_DEEP_DECODE_H
#define PF_DEEP_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout {
	bool wide; /* pointers and sizes take 8 bytes, not 4 */
	bool big;  /* the first byte is the highest */
};

/* Of the callers that are served: they have our own ABI, all others are refused. */
extern const struct layout layout_own;

#define HOW_BYTES    24u   /* struct open_how, as 5.6 has it */
#define HOW_MOST     4096u /* a page: the kernel takes no longer one */
#define ADDRESS_MOST 128u  /* struct sockaddr_storage */
#define PIECES_MOST  1024u /* UIO_MAXIOV */
#define MESSAGE_MOST 56u
#define PIECE_MOST   16u

struct how {
	uint64_t flags, mode, resolve;
};

struct message {
	uint64_t name, pieces, piece_count, control, control_size;
	uint32_t name_size; /* at most ADDRESS_MOST */
};

struct address {
	uint16_t family;
	/* Of AF_UNIX: what stands behind the family; a path is without its NUL. */
	enum { NAME_NONE, NAME_PATH, NAME_ABSTRACT } kind;
	const uint8_t *name;
	size_t name_size;
};

/* Each returns 0 or what the kernel would return, -errno. */
int decode_how(const struct layout *l, const uint8_t *bytes, size_t size, struct how *out);
/* Of struct msghdr; `bytes` are message_bytes(l) long. */
int decode_message(const struct layout *l, const uint8_t *bytes, struct message *out);
size_t message_bytes(const struct layout *l);
size_t piece_bytes(const struct layout *l);
/*
 * Of an array of struct iovec, `count` of them. What is behind `most` bytes in all is cut off, as a
 * stream may; *total is the whole size.
 */
int decode_pieces(const struct layout *l, const uint8_t *bytes, size_t count, uint64_t *bases,
		  uint64_t *sizes, uint64_t *total);
/* The size of an address as connect, bind and sendto take it. */
int decode_address_size(uint64_t arg, size_t *out);
/* False when it is too short to have a family. */
bool decode_address(const struct layout *l, const uint8_t *bytes, size_t size, struct address *out);

#endif
