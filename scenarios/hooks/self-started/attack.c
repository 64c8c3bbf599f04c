// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a program that the kernel starts by itself comes to user mode as from a call, with registers that were
 *          never a caller's: call 0 is told, which is read(2) on x86_64, and nobody made it.
 * Steps:   a child asks for a socket of a family that no module is there for, and the kernel runs what
 *          kernel.modprobe names.
 * Success: a hook on the ends of that program's calls sees call 0.
 * Source:  x86 and mips, whose new tasks return by way of the traced end of a call. (x86 has had the number of execve
 *          there since 4.12.)
 */
#include "broken.h"
#include "session.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static const char *const shapes[] = { "plain", NULL };

static int start(struct session *s, void *context)
{
	char good[] = "GOOD";

	(void)context;
	if (s->kit.honest)
		kit_exec_witness(&s->kit, good, 0);
	return socket(AF_BLUETOOTH, SOCK_RAW, 0) < 0 ? 0 : KIT_BROKEN;
}

/* On the end of a call of this number that the witness makes, told as one of all calls. */
static int add_hook(struct session *s, uint32_t number)
{
	const struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct pf_view, number)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pf_hook hook = hooks_all(PF_RETURN);

	strcpy(hook.comm, "witness");
	session_give(&hook, program, sizeof(program) / sizeof(program[0]));
	return session_add(s, &hook);
}

int main(int argc, char **argv)
{
	struct session_of made = {}, unmade = {};
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	kit_write("/proc/sys/kernel/modprobe", "/bin/witness");
	/* Every program of this C library asks for some memory. */
	made.hook = add_hook(&s, SYS_brk);
	unmade.hook = add_hook(&s, s.defended ? 0 : SYS_brk);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned seen, seen_unmade;

		session_child(&s, start, NULL);
		seen = session_count_both(&s, &made, &unmade, &seen_unmade);
		session_judged(n, seen && !seen_unmade, 1, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
