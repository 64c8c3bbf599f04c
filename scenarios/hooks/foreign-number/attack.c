// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  one number means different calls in different ABIs; who goes by the number alone takes one
 *          call for another, or does not see it. x32's numbers differ from native ones by a bit alone.
 *          Of a native one 4.10 goes by all 64 bits, and newer kernels by the lower 32.
 * Steps:   getppid(2) by int 0x80, whose number there is semget(2)'s in a native call, and semget
 *          natively; or getppid of x32, and the native one. A hook is for the one, or for the other. Or
 *          getppid, and its number with a bit beyond 32, of which the kernel itself says whether it is getppid.
 * Success: the hook sees anything but the calls that it is for, or tells of another ABI or number.
 * Source:  filters that forget the arch, as seccomp(2) warns of.
 */
#include "broken.h"
#include "raw-call.h"
#include "session.h"
#include "ways.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/syscall.h>
#include <unistd.h>

#define I386_GETPPID 64
#define X32_BIT	     0x40000000u
#define BEYOND	     (UINT64_C(1) << 32)
#define CALLS	     4

static const char *const shapes[] = {
	"int80", "int80-native", "x32", "x32-native", "beyond", NULL
};

struct looks {
	struct session_of of;
	enum way way;
	int foreign, native; /* numbers */
	pid_t parent;
	/* What the hook is for. */
	bool is_foreign;
	int number;
	uint32_t abi;
	unsigned others;
};

/* Whatever else the hook tells of is counted besides. */
static bool is_of_abi(const struct pf_record *record, const void *context)
{
	struct looks *l = (struct looks *)(uintptr_t)context;
	const struct pf_view *view = &((const struct pf_event *)(const void *)record)->view;

	if (session_is_of(record, &l->of) && view->number == l->number && view->abi == l->abi)
		return true;
	l->others++;
	return false;
}

/* Honest work is of one ABI. */
static void make_calls(const struct session *s, const struct looks *l)
{
	for (int i = 0; i < CALLS; i++) {
		unsigned long none[6] = {};

		if ((!s->kit.honest || l->is_foreign) &&
		    way_call(l->way, l->foreign, none) != l->parent)
			kit_broken("getppid");
		if (!s->kit.honest || !l->is_foreign)
			syscall(l->native, IPC_PRIVATE, 0, 0);
	}
}

/* How many of them the kernel takes for getppid. */
static unsigned make_calls_beyond(const struct session *s, const struct looks *l)
{
	unsigned made = 0;

	for (int i = 0; i < CALLS; i++) {
		long none = 0, got;

		made += getppid() == l->parent;
		if (s->kit.honest)
			continue;
		got = raw_call((long)(BEYOND | SYS_getppid), 0, 0, &none);
		if (got != l->parent && got != -ENOSYS)
			kit_broken("a number beyond 32 bits");
		made += got == l->parent;
	}
	return made;
}

#define LENGTH 5

/* By the number alone, whatever else says which call it is. */
static void forget(struct pf_hook *hook, struct sock_filter program[LENGTH])
{
	const struct sock_filter code[LENGTH] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct pf_view, number)),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~X32_BIT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)hook->number & ~X32_BIT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(program, code, sizeof(code));
	hook->number = -1;
	hook->abi = 0;
	session_give(hook, program, LENGTH);
}

int main(int argc, char **argv)
{
	struct looks l = { .of.pid = getpid(), .parent = getppid() };
	struct pf_hook hook = hooks_all(PF_CALL);
	struct sock_filter program[LENGTH];
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	l.way = way_of(&s.kit);
	l.foreign = way_number(l.way, SYS_getppid, I386_GETPPID);
	l.native = l.way == WAY_INT80 ? I386_GETPPID : SYS_getppid;
	l.is_foreign = !strstr(s.kit.shape, "native");
	l.number = hook.number = l.is_foreign ? l.foreign : l.native;
	l.abi = hook.abi = way_abi(l.is_foreign ? l.way : WAY_DIRECT, &s);
	if (!s.defended && kit_shape_is(&s.kit, "beyond"))
		hook.number = -1;
	else if (!s.defended)
		forget(&hook, program);
	l.of.hook = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned wanted = CALLS, seen;

		l.others = 0;
		if (kit_shape_is(&s.kit, "beyond"))
			wanted = make_calls_beyond(&s, &l);
		else
			make_calls(&s, &l);
		seen = session_count(&s, is_of_abi, &l);
		session_judged(n, seen == wanted && !l.others, wanted, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
