// SPDX-License-Identifier: Apache-2.0
/*
 * No attack: has the hook module's interpreter run programs of the compiler over given views, and says
 * on fd 4 what they returned. programs.h is written beside this file.
 */
#include <linux/filter.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "photofinish_uapi.h"

/* What its header has of the kernel's, for which there is no place in a program. */
#define PF_HOOKS_H
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;
const char *pf_program_flaw(const struct sock_filter *program, u32 length);
u32 pf_program_run(const struct sock_filter *program, const struct pf_view *view);
#include "program.c"

#define VIEWS_MOST 64

struct program {
	const struct sock_filter *code;
	u32 length;
	const struct pf_view *views;
	u32 count;
};

#include "programs.h"

static int tell(u32 n, const struct program *p)
{
	char results[VIEWS_MOST + 1] = "", line[256];
	int length;

	for (u32 i = 0; i < p->count && i < VIEWS_MOST; i++)
		results[i] = pf_program_run(p->code, &p->views[i]) ? '1' : '0';
	length = snprintf(line, sizeof(line),
			  "{\"t\":0,\"event\":\"ran\",\"pid\":1,\"n\":%u,\"results\":\"%s\"}\n", n,
			  results);
	return length > 0 && (size_t)length < sizeof(line) &&
	       write(4, line, (size_t)length) == length;
}

int main(void)
{
	for (u32 i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const char *flaw = pf_program_flaw(programs[i].code, programs[i].length);

		if (flaw || !tell(i, &programs[i])) {
			fprintf(stderr, "program %u: %s\n", i, flaw ? flaw : "fd 4");
			return 1;
		}
	}
	return 0;
}
