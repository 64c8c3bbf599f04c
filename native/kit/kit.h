/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What attack programs share: seeded choices, reports, trials in fresh processes. An attack reports
 * what it saw and judges nothing. A call that cannot do its work says so on standard error and ends
 * the process with KIT_BROKEN, so that no attack goes on with half of its set-up.
 */
#ifndef PF_KIT_H
#define PF_KIT_H

#include "jsonl.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef KIT_WITNESS
#define KIT_WITNESS "/bin/witness"
#endif

enum {
	KIT_REPORT_FD = 4,
	KIT_MILESTONE_FD = 5,
	KIT_EXEC_FAILED = 126, /* exit status of a victim whose execve came back */
	KIT_BROKEN = 70,
};

struct kit {
	uint64_t seed;	   /* PF_SEED */
	unsigned trials;   /* PF_TRIALS */
	const char *shape; /* --shape, one of those that the attack knows */
	bool honest;	   /* --honest: the same work, and no attack */
	const char *hooks; /* --hooks, what an attack on the hooks asks of them; NULL: nothing */
	uint64_t state;	   /* of kit_random */
	int *exec_errno;   /* shared with victims: 0, or why execve came back */
	uint64_t pace_ns;  /* how slow this guest is: a sixteenth of a warm-up */
	uint64_t aim_ns;   /* where single writes are aimed at, from the start signal on */
	uint64_t step_ns;  /* how far the aim moved last; 0: nothing is known yet */
	bool later;	   /* which way it moved */
	bool races;	   /* the trial under way has a writer: what becomes of it moves the aim */
};

/* Reads environment and arguments; wrong ones end the process with 2. `shapes` ends with NULL. */
void kit_begin(struct kit *kit, int argc, char **argv, const char *const shapes[]);
bool kit_shape_is(const struct kit *kit, const char *shape);

/* The same numbers for the same seed, on every arch. */
uint64_t kit_random(struct kit *kit);
/* 0 to limit - 1. */
uint64_t kit_below(struct kit *kit, uint64_t limit);
/* True once in n times. */
bool kit_one_in(struct kit *kit, unsigned n);

/* Begins a report with pid and n (the trial, 0 outside trials); add scalars, then kit_send it. */
void kit_event(struct jsonl *j, unsigned n, const char *event);
void kit_send(struct jsonl *j);
/* Reports `name` and waits until the lab has done what the scenario says under that name. */
void kit_milestone(unsigned n, const char *name);

/* Writes a sysctl or the like, which has to be there and to take all of it at once. */
void kit_write(const char *path, const char *text);
/* Memory that children share with their parent. */
void *kit_shared(size_t bytes);
/* As fork(2). */
pid_t kit_fork(struct kit *kit);
/* Execs the witness; argv1 is passed on as the pointer it is, so that it can be rewritten. */
_Noreturn void kit_exec_witness(struct kit *kit, char *argv1, unsigned n);
/* Execs another file with another argv; its last element should be the trial's number. */
_Noreturn void kit_exec(struct kit *kit, const char *path, char *const argv[]);
/* Reports `event` with this outcome, and an errno where it was refused. */
void kit_tell(const struct kit *kit, unsigned n, const char *event, const char *outcome);
/* Waits for a victim and reports `event` with its outcome; true when the witness ran to its end. */
bool kit_outcome(struct kit *kit, pid_t victim, unsigned n, const char *event);

/*
 * An exec of EVIL that nobody races, reported as `probe`. True when it was refused. A supervisor
 * that lets this one through judges nothing, and trials against it would show teeth that are not
 * there.
 */
bool kit_probe(struct kit *kit);
/*
 * A few silent honest execs: the first ones after boot take many times as long as later ones. Their
 * time is measured, because what is soon on one arch is late on another.
 */
void kit_warm_up(struct kit *kit);

/* Aims single writes anew; what became of earlier trials counts no more. */
void kit_aim(struct kit *kit, uint64_t ns);

/* This thread runs only when nobody else wants to, which any task may ask for. */
void kit_demote(void);
/*
 * This thread, and children that it makes meanwhile, run before all who have not asked for that, or no longer do. Not for
 * long: the kernel stops who is that for most of a second (sched_rt_runtime_us).
 */
void kit_be_urgent(bool yes);
/* Sleeps, so that on one CPU others run meanwhile. */
void kit_sleep_ns(uint64_t ns);

/*
 * One who rewrites a word of four bytes while it is being judged: a thread or a process runs it.
 * Single: one write of EVIL, aimed by what became of the trials before: a refusal says that it came
 * before the judgement, an exec that it came after. Continuous: EVIL, GOOD, EVIL, … at a pace and
 * a phase of the trial's own, begun before the exec; not faster, or a victim that runs only when
 * nobody else wants to never gets to its exec.
 */
struct kit_writer {
	char *word;	   /* aligned to 4, so that it changes in one store */
	uint64_t lead_ns;  /* from the start signal to the exec */
	uint64_t first_ns; /* from the start signal to the first write */
	uint64_t every_ns; /* from one write to the next */
	unsigned writes;   /* 0 when honest: waits for the signal and writes nothing */
	int go[2];	   /* pipe for the start signal */
	/* How a value gets to the word, where a plain store does not do it. */
	void (*put)(const struct kit_writer *writer, const char *value);
	const void *context; /* for put */
};

/* One store of four bytes. */
void kit_store(char *word, const char *value);
/* Before the trial's processes are made, because it draws seeded numbers. After kit_warm_up. */
void kit_writer_init(struct kit *kit, struct kit_writer *writer, char *word, bool continuous);
/*
 * Instead of what it is aimed at: at any time up to twice as late. Where two supervisors are compared
 * an aim would hit both alike.
 */
void kit_writer_unaim(struct kit *kit, struct kit_writer *writer);
/* The writer's side: waits for the signal, then writes. */
void kit_writer_run(const struct kit_writer *writer);
/* The victim's side, right before its exec. */
void kit_writer_start(const struct kit_writer *writer);
/* Closes this process's ends of the pipe. */
void kit_writer_close(const struct kit_writer *writer);
/* Has a process of its own run the writer; its word must be in shared memory. */
pid_t kit_peer_start(struct kit *kit, const struct kit_writer *writer);
/* What such a process does: it ends with its parent at the latest. */
_Noreturn void kit_peer_run(const struct kit_writer *writer);
/*
 * Runs the writer as what clone(2) makes of these flags, on a stack of its own: it may share this
 * process's memory. Its exit signal is SIGCHLD. Ends this process when it cannot be made.
 */
pid_t kit_writer_clone(const struct kit_writer *writer, int flags);
/* Ends that process, however far it is, and closes this process's ends of the pipe. */
void kit_peer_stop(pid_t peer, const struct kit_writer *writer);

#endif
