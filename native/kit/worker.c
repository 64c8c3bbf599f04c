// SPDX-License-Identifier: Apache-2.0
#include "worker.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEEDED (IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NATIVE_WORKERS)

struct worker {
	int fd;
	struct io_uring_params params;
	uint8_t *rings;
	struct io_uring_sqe *sqes;
};

static void *map(int fd, size_t bytes, off_t offset)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	if (at == MAP_FAILED)
		kit_broken("io_uring");
	return at;
}

struct worker *worker_begin(void)
{
	static struct worker w;
	const struct io_uring_params *p = &w.params;
	size_t sq, cq;

	w = (struct worker){ .fd = -1 };
#ifdef SYS_io_uring_setup
	w.fd = (int)syscall(SYS_io_uring_setup, 1, &w.params);
#endif
	if (w.fd < 0)
		return NULL;
	if ((p->features & NEEDED) != NEEDED) {
		close(w.fd);
		return NULL;
	}
	sq = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	cq = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	w.rings = map(w.fd, sq > cq ? sq : cq, IORING_OFF_SQ_RING);
	w.sqes = map(w.fd, p->sq_entries * sizeof(w.sqes[0]), IORING_OFF_SQES);
	return &w;
}

static uint32_t *word(const struct worker *w, uint32_t offset)
{
	return (uint32_t *)(void *)(w->rings + offset);
}

/* One at a time, so the places are always the first ones that are free. */
void worker_open(struct worker *w, const char *path)
{
	const struct io_uring_params *p = &w->params;
	uint32_t *tail = word(w, p->sq_off.tail), *head = word(w, p->cq_off.head);
	uint32_t at = *tail & (p->sq_entries - 1);
	const struct io_uring_cqe *done;

	w->sqes[at] = (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT,
		.flags = IOSQE_ASYNC,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)path,
		.open_flags = O_RDONLY | O_CLOEXEC,
	};
	word(w, p->sq_off.array)[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
#ifdef SYS_io_uring_enter
	while (syscall(SYS_io_uring_enter, w->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		if (errno != EINTR)
			kit_broken("io_uring");
#endif
	if (__atomic_load_n(word(w, p->cq_off.tail), __ATOMIC_ACQUIRE) == *head)
		kit_broken("io_uring");
	done = (const struct io_uring_cqe *)(const void *)(w->rings + p->cq_off.cqes) +
	       (*head & (p->cq_entries - 1));
	if (done->res < 0) {
		errno = -done->res;
		kit_broken(path);
	}
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
}
