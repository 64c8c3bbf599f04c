// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook that rewrites a result tells the caller something else than it was told to: an error
 *          is no value, and o32 keeps the two apart by a register. Or it tells it to who made no call: sigreturn(2)
 *          ends with the registers of what the signal interrupted.
 * Steps:   getppid(2) whose result becomes a number, or an error; a failing close(2) whose error
 *          becomes a number; and the error of a sigsuspend(2) that a signal met, ERESTARTNOHAND until then, becomes
 *          the number of ERESTARTSYS. Or every error becomes another one, while signals interrupt a loop that holds
 *          what looks like an error where results are; and a failing close(2) after it.
 * Success: the caller gets anything else; what the loop held is not what it was.
 * Source:  return values on mips, where -errno is no result.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static const char *const shapes[] = { "value", "error", "healed", "again", "interrupted", NULL };

#define HELD	 (-EXDEV)
#define SIGNALS	 3 /* the first one may come before the loop */
#define LEAST_US 2000
#define AGAIN	 512 /* ERESTARTSYS */

#ifdef SYS_sigreturn
#define SIGRETURN SYS_sigreturn
#else
#define SIGRETURN SYS_rt_sigreturn
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HIGH 4u
#else
#define HIGH 0u
#endif

static volatile sig_atomic_t signals, enough;

static void on_alarm(int signal)
{
	(void)signal;
	enough = ++signals >= SIGNALS;
}

static void handle_alarms(void)
{
	struct sigaction action = { .sa_handler = on_alarm };

	if (sigaction(SIGALRM, &action, NULL))
		kit_broken("sigaction");
}

/* What a sigsuspend(2) says that is met by a signal. */
static long suspend(void)
{
	sigset_t alarm, before;
	long got;
	int err;

	handle_alarms();
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (sigprocmask(SIG_BLOCK, &alarm, &before) || raise(SIGALRM))
		kit_broken("signal");
	got = sigsuspend(&before);
	err = errno;
	if (sigprocmask(SIG_SETMASK, &before, NULL))
		kit_broken("sigprocmask");
	errno = err;
	return got;
}

/* Whether the registers of results hold what they did until there were enough signals. */
static bool holds(void)
{
#if defined(__x86_64__)
	register long result __asm__("rax") = HELD;

	__asm__ volatile("1:	cmpl $0, %1\n"
			 "	je 1b\n"
			 : "+r"(result)
			 : "m"(enough)
			 : "cc", "memory");
	return result == HELD;
#elif defined(__aarch64__)
	register long result __asm__("x0") = HELD;

	__asm__ volatile("1:	ldr w1, [%1]\n"
			 "	cbz w1, 1b\n"
			 : "+r"(result)
			 : "r"(&enough)
			 : "x1", "memory");
	return result == HELD;
#elif defined(__arm__)
	register long result __asm__("r0") = HELD;

	__asm__ volatile("1:	ldr r1, [%1]\n"
			 "	cmp r1, #0\n"
			 "	beq 1b\n"
			 : "+r"(result)
			 : "r"(&enough)
			 : "r1", "cc", "memory");
	return result == HELD;
#elif defined(__mips__)
	register long result __asm__("$2") = HELD, fails __asm__("$7") = 0;

	__asm__ volatile("1:	lw $8, 0(%2)\n"
			 "	beqz $8, 1b\n"
			 : "+r"(result), "+r"(fails)
			 : "r"(&enough)
			 : "$8", "memory");
	return result == HELD && !fails;
#endif
}

/* Never again: 0. */
static void set_alarm(uint64_t us)
{
	const struct timeval time = { .tv_sec = (time_t)(us / 1000000),
				      .tv_usec = (suseconds_t)(us % 1000000) };
	const struct itimerval every = { time, time };

	if (setitimer(ITIMER_REAL, &every, NULL))
		kit_broken("setitimer");
}

static uint64_t time_signal_us(void)
{
	uint64_t begun = jsonl_now();

	if (raise(SIGALRM))
		kit_broken("raise");
	return (jsonl_now() - begun) / 1000;
}

/*
 * Longer than a signal takes, or there would be nothing left for it to interrupt. Asked before there is a hook: one that
 * changes all errors keeps the C library from finding the clock.
 */
static uint64_t between_us(void)
{
	handle_alarms();
	time_signal_us(); /* the first one brings in what the others find */
	return LEAST_US + 8 * time_signal_us();
}

static bool holds_interrupted(uint64_t between)
{
	bool right;

	signals = enough = 0;
	set_alarm(between);
	right = holds();
	set_alarm(0);
	return right;
}

/* Of all calls, those that failed. */
static void take_errors(struct pf_hook *hook)
{
	static const struct sock_filter negative[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct pf_view, result) + HIGH),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1u << 31, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	hook->number = -1;
	session_give(hook, negative, sizeof(negative) / sizeof(negative[0]));
}

static bool is_as_set(const struct session *s, uint64_t between)
{
	bool set = !s->kit.honest, interrupted = kit_shape_is(&s->kit, "interrupted");
	long got;

	if (interrupted && !holds_interrupted(between))
		return false;
	errno = 0;
	if (kit_shape_is(&s->kit, "healed")) {
		got = syscall(SYS_close, -1);
		return set ? got == 7 : got == -1 && errno == EBADF;
	}
	if (kit_shape_is(&s->kit, "again")) {
		got = suspend();
		return set ? got == AGAIN : got == -1 && errno == EINTR;
	}
	if (interrupted) {
		got = syscall(SYS_close, -1);
		return got == -1 && errno == (set ? ENOTUNIQ : EBADF);
	}
	got = syscall(SYS_getppid);
	if (!set)
		return got == getppid();
	return kit_shape_is(&s->kit, "value") ? got == 123456 : got == -1 && errno == ENOTUNIQ;
}

/*
 * One result was set; or of many, all but that of the end of sigreturn(2) that looked like an error. At first the end
 * of the ioctl(2) that made the hook may have failed it, too.
 */
static bool is_counted(struct session *s, int hook, uint64_t failed)
{
	bool set = !s->kit.honest;
	struct pf_counts counts;

	if (!set || !kit_shape_is(&s->kit, "interrupted"))
		return session_has_counted(s, hook, set, set && s->defended);
	counts = session_counts(s, hook);
	return session_has_counted(s, hook, counts.matched, counts.done) && counts.done &&
	       counts.failed > failed && counts.done + counts.failed - failed == counts.matched;
}

static bool is_of_call(const struct pf_record *record, const void *context)
{
	const struct pf_event *event = (const void *)record;

	return session_is_of(record, context) && event->view.number != SYS_rt_sigreturn &&
	       event->view.number != SIGRETURN;
}

static void try(struct session *s, unsigned n, const struct pf_hook *hook, uint64_t between)
{
	struct session_of of = { .pid = getpid() };
	uint64_t failed;
	bool right;

	of.hook = session_add(s, hook);
	failed = session_counts(s, of.hook).failed;
	right = is_as_set(s, between);
	right = is_counted(s, of.hook, failed) && right;
	session_remove(s, of.hook);
	session_judged(n, right, !s->kit.honest, session_count(s, is_of_call, &of));
}

static int number_of(const struct kit *kit)
{
	if (kit_shape_is(kit, "healed"))
		return SYS_close;
	return kit_shape_is(kit, "again") ? SYS_rt_sigsuspend : SYS_getppid;
}

static int value_of(const struct kit *kit)
{
	if (kit_shape_is(kit, "value"))
		return 123456;
	if (kit_shape_is(kit, "healed"))
		return 7;
	return kit_shape_is(kit, "again") ? AGAIN : -ENOTUNIQ;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_RETURN);
	uint64_t between = 0;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	strcpy(hook.comm, s.kit.honest ? "set-results" : "set-result");
	hook.number = number_of(&s.kit);
	if (kit_shape_is(&s.kit, "interrupted")) {
		between = between_us();
		take_errors(&hook);
	}
	if (s.defended) {
		hook.deed = PF_DO_SET_RESULT;
		hook.value = value_of(&s.kit);
	}
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n, &hook, between);
	hooks_close(&s.hooks);
	return 0;
}
