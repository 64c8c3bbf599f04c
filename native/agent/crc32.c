// SPDX-License-Identifier: Apache-2.0
#include "crc32.h"

uint32_t crc32_of(const void *bytes, size_t n)
{
	const uint8_t *b = bytes;
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < n; i++) {
		crc ^= b[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1)));
	}
	return ~crc;
}
