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
#include "broken.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

/* An abstract name: its word is at a multiple of four. */
static _Alignas(4) struct {
	uint16_t family;
	char name[8]; /* NUL, x, and the word from the fourth byte on */
} address = { AF_UNIX, "\0xGOOD" };

#define ADDRESS_SIZE (sizeof(uint16_t) + 6)
#define WORD	     (address.name + 2)

static int sockets[2];

static int make_socket(const char *word, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	un.sun_path[1] = 'x';
	memcpy(un.sun_path + 2, word, 4);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, ADDRESS_SIZE) < 0)
		kit_broken("bind");
	return fd;
}

#define PAGE 4096u

static _Alignas(8) unsigned long stack[8];
static char *good; /* the address where GOOD points to */

/* The address of the socket of that name, at the address that the name is. */
static void place(const char *word)
{
	uint32_t number;
	uintptr_t at, page;

	memcpy(&number, word, sizeof(number));
	at = number;
	page = at & ~(uintptr_t)(PAGE - 1);
	if (mmap((void *)page, 2 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		kit_broken("mmap");
	memcpy(WORD, word, 4);
	memcpy((void *)at, &address, ADDRESS_SIZE);
	if (!strcmp(word, "GOOD"))
		good = (char *)at;
}

static void set_up(struct kit *kit)
{
	(void)kit;
	sockets[0] = make_socket("GOOD", SOCK_DGRAM);
	sockets[1] = make_socket("EVIL", SOCK_DGRAM);
	place("GOOD");
	place("EVIL");
}

/* Who got the message says so; of warm-ups nothing is said. */
static void take(unsigned n)
{
	static const char *const words[] = { "GOOD", "EVIL" };
	char byte;

	for (int i = 0; i < 2; i++)
		while (recv(sockets[i], &byte, 1, 0) == 1)
			if (n)
				race_got(n, words[i]);
}

static void before(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	take(0);
}

static void after(struct kit *kit, unsigned n)
{
	(void)kit;
	take(n);
}

static void put(const struct kit_writer *writer, const char *value)
{
	kit_store(writer->word, value);
	memcpy(good + (WORD - (char *)&address), value, 4);
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

	stack[5] = ADDRESS_SIZE;
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
		.before = before,
		.act = act,
		.after = after,
	};

	return race_run(argc, argv, shapes, &race);
}
