// SPDX-License-Identifier: Apache-2.0
#include "arch.h"

#ifndef __MIPSEL__
#error "this file is for little-endian mips"
#endif

#define MIPS_NAME  "mipsel"
#define MIPS_AUDIT AUDIT_ARCH_MIPSEL

#include "mips-o32.inc"
