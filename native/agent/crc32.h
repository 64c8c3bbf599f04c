/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PF_CRC32_H
#define PF_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 of IEEE 802.3 (reflected, polynomial 0xedb88320), as zlib computes it. */
uint32_t crc32_of(const void *bytes, size_t n);

#endif
