// SPDX-License-Identifier: Apache-2.0
#include "arch.h"

#ifndef __MIPSEB__
#error "this file is for big-endian mips"
#endif

#define MIPS_NAME  "mips"
#define MIPS_AUDIT AUDIT_ARCH_MIPS

#include "mips-o32.inc"
