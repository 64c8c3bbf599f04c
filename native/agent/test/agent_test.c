// SPDX-License-Identifier: Apache-2.0
#include "checks.h"
#include "crc32.h"
#include "frame.h"
#include "job.h"
#include "json.h"
#include "mailbox.h"
#include "tap.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char good[] =
	"{\"v\":1,\"lane\":\"control\",\"seed\":\"7\",\"limitMs\":60000,\"truth\":true,"
	"\"sysctl\":{\"kernel/yama/ptrace_scope\":\"0\"},"
	"\"milestones\":{\"armed\":{\"kernel/yama/ptrace_scope\":\"3\"}},"
	"\"argv\":[\"/bin/warden\",\"--\",\"\\u00ff\"],\"env\":[]}";

static struct job job;

static int parse(const char *text)
{
	return job_parse(&job, text, strlen(text));
}

static void test_crc(void)
{
	ok(crc32_of("123456789", 9) == 0xcbf43926u, "the check value of CRC-32");
	ok(crc32_of("", 0) == 0, "nothing has checksum 0");
}

static void test_job(void)
{
	ok(parse(good) == 0, "a whole job is taken");
	ok(!strcmp(job.lane, "control") && !strcmp(job.seed, "7") && job.limit_ms == 60000 &&
		   job.truth && !job.leaks,
	   "its scalars");
	ok(job.argv[0] && !strcmp(job.argv[2], "\xff") && !job.argv[3] && !job.env[0],
	   "its words, with bytes above ASCII");
	ok(job.sysctl.count == 1 && job.milestone_count == 1 &&
		   job.milestones[0].settings.count == 1,
	   "its settings and milestones");
}

static void test_shell(void)
{
	ok(parse("{\"v\":1,\"shell\":2000000}") == 0 && job.shell_bytes == 2000000,
	   "a person's shell is a job");
	ok(parse("{\"v\":1,\"shell\":-1}") == -EINVAL &&
		   parse("{\"v\":1,\"shell\":16777217}") == -EINVAL,
	   "one of a size that cannot be is refused");
	ok(parse(good) == 0 && !job.shell_bytes, "no other job is one");
}

static void test_standing(void)
{
	ok(parse(good) == 0 && !job.standing.capabilities && !job.standing.blocked_count,
	   "an ordinary user is all there is unless the job asks for more or less");
	ok(parse("{\"v\":1,\"lane\":\"c\",\"seed\":\"1\",\"limitMs\":1,\"argv\":[\"a\"],"
		 "\"capabilities\":[\"sys_ptrace\"],\"blocked\":[\"ptrace\"]}") == 0 &&
		   job.standing.capabilities == 1u << CAP_SYS_PTRACE &&
		   job.standing.blocked_count == 1 && job.standing.blocked[0] == SYS_ptrace &&
		   !job.standing.root,
	   "a capability more, a call less");
	ok(parse("{\"v\":1,\"lane\":\"c\",\"seed\":\"1\",\"limitMs\":1,\"argv\":[\"a\"],"
		 "\"root\":true}") == 0 &&
		   job.standing.root,
	   "root");
}

/* 0: as that, a process gets an fd that CAP_SYS_PTRACE alone gives, and traces; else its errno. */
static int try_standing(const struct standing *s)
{
	pid_t closed = getppid(), pid = fork();
	int status;

	if (pid == 0) {
		char path[32];

		if (standing_take(s, 1000))
			_exit(255);
		snprintf(path, sizeof(path), "/proc/%d/cwd", (int)closed);
		if (open(path, O_RDONLY | O_DIRECTORY) < 0)
			_exit(errno);
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? 128 + errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void test_taking(void)
{
	struct standing ordinary = { 0 }, tracer = { 0 }, blocked = { 0 };

	if (geteuid()) {
		printf("ok %d # SKIP needs root\n", ++tap_count);
		return;
	}
	standing_add_capability(&tracer, "sys_ptrace");
	blocked = tracer;
	standing_add_blocked(&blocked, "process_vm_readv");
	standing_add_blocked(&blocked, "ptrace");
	ok(try_standing(&ordinary) == EACCES, "an ordinary user looks into nobody else's process");
	ok(try_standing(&tracer) == 0, "with sys_ptrace it does, and may trace");
	ok(try_standing(&blocked) == 128 + EPERM, "with ptrace blocked it may not");
}

static void test_bad_jobs(void)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"{\"v\":2}",
		"{\"v\":1,\"lane\":\"x\"",
		"{\"v\":1,\"nope\":1}",
		"{\"v\":1,\"sysctl\":{\"../etc\":\"x\"}}",
		"{\"v\":1,\"sysctl\":{\"/abs\":\"x\"}}",
		"{\"v\":1,\"capabilities\":[\"sys_admin\"]}",
		"{\"v\":1,\"blocked\":[\"read\"]}",
		"{\"v\":1,\"argv\":[\"a\\u0000b\"]}",
		"{\"v\":1,\"argv\":[\"\\u0100\"]}",
		"{\"v\":1,,}",
		"{\"v\":99999999999999999999}",
	};
	char cut[sizeof(good)];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(parse(bad[i]) == -EINVAL, "refused: %s", bad[i]);
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		memcpy(cut, good, n);
		cut[n] = '\0';
		if (parse(cut) != -EINVAL) {
			ok(false, "a job cut after %zu bytes is refused", n);
			return;
		}
	}
	ok(true, "a job cut anywhere is refused");
}

static const char *base64(const void *bytes, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char text[8192];
	const unsigned char *b = bytes;
	size_t at = 0;

	for (size_t i = 0; i < n; i += 3) {
		unsigned long bits = (unsigned long)b[i] << 16 |
				     (i + 1 < n ? (unsigned long)b[i + 1] << 8 : 0) |
				     (i + 2 < n ? b[i + 2] : 0);

		for (int k = 0; k < 4; k++)
			text[at++] = i + (size_t)k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
	}
	text[at] = '\0';
	return text;
}

static struct {
	struct pf_hook hook;
	struct sock_filter program[PF_PROGRAM_MOST + 1];
} wire;

static int decode(size_t bytes, uint32_t length)
{
	static struct sock_filter program[PF_PROGRAM_MOST];
	struct pf_hook hook;

	wire.hook.length = length;
	return watch_decode(base64(&wire, bytes), &hook, program);
}

static void test_hooks(void)
{
	static struct sock_filter program[PF_PROGRAM_MOST];
	struct pf_hook hook;

	wire.hook = (struct pf_hook){ .version = PF_VERSION, .kind = PF_CALL, .length = 2 };
	wire.program[1] = (struct sock_filter){ .code = BPF_RET, .k = 7 };
	ok(!watch_decode(base64(&wire, sizeof(hook) + 16), &hook, program) &&
		   hook.version == PF_VERSION && hook.kind == PF_CALL &&
		   hook.program == (uintptr_t)program && program[1].k == 7,
	   "a hook and its program");
	ok(!decode(sizeof(hook), 0), "a hook without a program");
	ok(decode(sizeof(hook) + 16, 3) == -EINVAL && decode(sizeof(hook) + 16, 1) == -EINVAL,
	   "a program that is not as long as the hook says is refused");
	ok(decode(sizeof(hook) - 1, 0) == -EINVAL && decode(0, 0) == -EINVAL,
	   "half a hook is, too");
	ok(!decode(sizeof(hook) + PF_PROGRAM_MOST * 8, PF_PROGRAM_MOST) &&
		   decode(sizeof(hook) + (PF_PROGRAM_MOST + 1) * 8, PF_PROGRAM_MOST + 1) ==
			   -EINVAL &&
		   decode(sizeof(hook), 0x20000000) == -EINVAL,
	   "the longest program is taken, and no longer one");
	wire.hook.program = 1;
	ok(decode(sizeof(hook), 0) == -EINVAL, "an address is not the job's to give");
	wire.hook.program = 0;
}

static void test_base64(void)
{
	static const char *const bad[] = { "A",	       "AA=",  "A===",	"====", "AA=A",
					   "AA==AAAA", "AA-A", "AAA\n", "=AAA" };
	unsigned char out[4];

	ok(watch_base64("", out, 0) == 0, "nothing is no bytes");
	ok(watch_base64("/+8B", out, 3) == 3 && !memcmp(out, "\xff\xef\x01", 3), "three bytes");
	ok(watch_base64("/+8=", out, 2) == 2 && watch_base64("/w==", out, 1) == 1, "padding");
	ok(watch_base64("/+8B", out, 2) == -E2BIG && watch_base64("/+8BAA==", out, 3) == -E2BIG,
	   "more than there is room for");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(watch_base64(bad[i], out, sizeof(out)) == -EINVAL, "refused: %s", bad[i]);
}

static void test_job_hooks(void)
{
	char text[JOB_MAX] = "{\"v\":1,\"lane\":\"c\",\"seed\":\"1\",\"limitMs\":1,"
			     "\"argv\":[\"a\"],\"hooks\":[[\"AA==\",\"AQ==\"],[],[\"Ag==\"]";
	size_t end = strlen(text);

	strcpy(text + end, "]}");
	ok(parse(text) == 0 && job.hook_count == 3 && job.hooks[0].index == 0 &&
		   job.hooks[1].index == 0 && job.hooks[2].index == 2 &&
		   !strcmp(job.hooks[2].word, "Ag=="),
	   "hooks know their place in the list, whatever came of those before");
	strcpy(text + end, ",[\"A");
	for (int i = 0; i < JOB_HOOKS_MAX; i++)
		strcat(text, "\",\"A");
	strcat(text, "\"]]}");
	ok(parse(text) == -E2BIG, "more of them than there is room for");
	ok(parse("{\"v\":1,\"hooks\":[\"AA==\"]}") == -EINVAL, "a list in the list is wanted");
}

static void test_too_many(void)
{
	char text[JOB_MAX] = "{\"v\":1,\"lane\":\"c\",\"seed\":\"1\",\"limitMs\":1,"
			     "\"argv\":[\"a\"";

	for (int i = 0; i < JOB_WORDS_MAX; i++)
		strcat(text, ",\"a\"");
	strcat(text, "]}");
	ok(parse(text) == -E2BIG, "more words than there is room for");
}

/* The same job and the same golden bytes stand in runner/src/guest/mailbox.test.ts. */
static void test_golden_mailbox(void)
{
	static const uint8_t header[] = { 0xd0, 0, 0, 0, 0x89, 0x50, 0x99, 0x4f };
	static struct mailbox box;

	memcpy((char *)&box + sizeof(box.magic), header, sizeof(header));
	memcpy(box.job, good, sizeof(good) - 1);
	ok(mailbox_read(&box, &job) == 0, "a job as the host's bytes say it, in either byte order");
}

static void put_le32(uint8_t *b, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> (8 * i));
}

static void test_mailbox(void)
{
	static struct mailbox box;

	memcpy(box.job, good, sizeof(good) - 1);
	put_le32(box.length_le, sizeof(good) - 1);
	put_le32(box.crc_le, crc32_of(good, sizeof(good) - 1));
	ok(mailbox_read(&box, &job) == 0, "a job in the mailbox");
	box.job[3] ^= 1;
	ok(mailbox_read(&box, &job) == -EBADMSG, "one flipped bit is seen");
	put_le32(box.length_le, JOB_MAX + 1);
	ok(mailbox_read(&box, &job) == -E2BIG, "a length beyond the page is refused");
}

static void test_frame(void)
{
	char out[FRAME_MAX];
	static const char want[] = "~PF1 12 warden 9 cbf43926 123456789";
	size_t n = frame_render(out, 12, "warden", "123456789", 9);

	ok(n == sizeof(want) - 1 && !memcmp(out, want, n), "a frame's bytes");
	/* The same golden bytes stand in the runner's test of its reader. */
	n = frame_render(out, 0, "agent", "{\"t\":1,\"event\":\"end\"}", 21);
	ok(n == 46 && !memcmp(out, "~PF1 0 agent 21 b1295cfb {\"t\":1,\"event\":\"end\"}", n),
	   "a golden frame");
	ok(frame_render(out, 0, "warden", out, JSONL_MAX + 1) == 0,
	   "a payload that is too long has no frame");
}

struct seen {
	int count;
	char last[64];
};

static void remember(void *context, const char *line, size_t n)
{
	struct seen *seen = context;

	seen->count++;
	snprintf(seen->last, sizeof(seen->last), "%.*s", (int)n, line);
}

static void test_lines(void)
{
	static struct lines l;
	struct seen seen = { 0 };
	static char big[JSONL_MAX + 1];

	lines_feed(&l, "{\"a\"", 4, remember, &seen);
	ok(seen.count == 0, "half a line waits");
	lines_feed(&l, ":1}\n{}\n", 7, remember, &seen);
	ok(seen.count == 2 && !strcmp(seen.last, "{}"),
	   "lines come out whole, however the bytes came");
	lines_feed(&l, "a\x1b[31m\n", 7, remember, &seen);
	ok(seen.count == 2 && l.lost == 1,
	   "a line that is not printable ASCII is lost and counted");
	memset(big, 'x', sizeof(big));
	lines_feed(&l, big, sizeof(big), remember, &seen);
	lines_feed(&l, "\nok\n", 4, remember, &seen);
	ok(seen.count == 3 && l.lost == 2, "a line that is too long is lost, and only that one");
}

/* As 6.13 writes it; 4.10 has the addresses and the age besides. */
static const char two_leaks[] = "unreferenced object 0xffff888003d2c000 (size 64):\n"
				"  comm \"init\", pid 1, jiffies 4294892296\n"
				"  hex dump (first 32 bytes):\n"
				"    6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkk\n"
				"  backtrace (crc 0):\n"
				"    __kmalloc_cache_noprof+0x10/0x20\n"
				"    pf_init+0x8/0x40 [photofinish]\n"
				"unreferenced object 0xffff888003d2c040 (size 32):\n"
				"  comm \"late\", pid 2, jiffies 4294892299\n"
				"  backtrace (crc 0):\n"
				"    elsewhere+0x1/0x2\n";
static const char old_leak[] = "unreferenced object 0x80001000 (size 8):\n"
			       "  comm \"insmod\", pid 9, jiffies 12 (age 1.200s)\n"
			       "  backtrace:\n"
			       "    [<80012345>] kmem_cache_alloc+0xfc/0x1a8\n";

static void test_leaks(void)
{
	char line[300], cut[20];

	ok(checks_summary("", line, sizeof(line)) == 0 && !line[0], "no report is no leak");
	ok(checks_summary(two_leaks, line, sizeof(line)) == 2, "every leak is counted");
	ok(!strcmp(line, "unreferenced object 0xffff888003d2c000 (size 64): comm \"init\", pid 1, "
			 "jiffies 4294892296 < __kmalloc_cache_noprof+0x10/0x20 "
			 "< pf_init+0x8/0x40 [photofinish]"),
	   "the first one is told with its allocation: %s", line);
	ok(checks_summary(old_leak, line, sizeof(line)) == 1 &&
		   strstr(line, "< kmem_cache_alloc+0xfc/0x1a8") && !strstr(line, "[<"),
	   "addresses are left out: %s", line);
	ok(checks_summary(two_leaks, cut, sizeof(cut)) == 2 && strlen(cut) == sizeof(cut) - 1,
	   "what does not fit is cut");
}

int main(void)
{
	test_leaks();
	test_crc();
	test_job();
	test_shell();
	test_standing();
	test_taking();
	test_bad_jobs();
	test_too_many();
	test_base64();
	test_hooks();
	test_job_hooks();
	test_golden_mailbox();
	test_mailbox();
	test_frame();
	test_lines();
	return tap_done();
}
