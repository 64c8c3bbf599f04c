// SPDX-License-Identifier: Apache-2.0
#include "tap.h"
#include "truth.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A record on the heap of just its size, so that the sanitizer sees one byte too many. */
static struct pf_record *make(uint16_t kind, uint16_t flags, uint32_t length)
{
	struct pf_record *r = calloc(1, length);

	if (!r)
		abort();
	*r = (struct pf_record){ .kind = kind, .flags = flags, .length = length, .t_ns = 7 };
	return r;
}

static struct pf_exec_event *make_exec(const void *data, uint16_t path, uint16_t argv,
				       uint64_t argc)
{
	uint32_t length = (uint32_t)(sizeof(struct pf_exec_event) + path + argv + 15) / 16 * 16;
	struct pf_exec_event *e = (void *)make(PF_EXEC, 0, length);

	e->event.view.pid = 258;
	e->event.view.args[0] = argc;
	e->path_bytes = path;
	e->argv_bytes = argv;
	memcpy(e->data, data, (size_t)path + argv);
	return e;
}

/* Frees the record. */
static bool words_of(void *record, int hook, const char *want)
{
	struct jsonl j;
	bool same = !truth_json(record, hook, &j) && !jsonl_end(&j) && j.len == strlen(want) &&
		    !memcmp(j.buf, want, j.len);

	free(record);
	if (!same)
		printf("# got %.*s", (int)j.len, j.buf);
	return same;
}

static bool words(void *record, const char *want)
{
	return words_of(record, TRUTH_OWN, want);
}

static int flaw(void *record)
{
	struct jsonl j;
	int err = truth_json(record, TRUTH_OWN, &j);

	free(record);
	return err;
}

static void test_words(void)
{
	struct pf_event *fork = (void *)make(PF_FORK, 0, sizeof(*fork));
	struct pf_dropped_record *dropped = (void *)make(PF_DROPPED, 0, sizeof(*dropped));
	struct pf_exec_event *cut;

	ok(words(make_exec("/ww\0EVIL", 2, 7, 2),
		 "{\"t\":7,\"event\":\"exec\",\"pid\":258,\"path\":\"/w\",\"argc\":2,"
		 "\"argv\":[\"w\",\"EVIL\"],\"truncated\":false}\n"),
	   "an exec");
	cut = make_exec("/www", 2, 2, 5);
	cut->event.head.flags = PF_TRUNCATED;
	ok(words(cut, "{\"t\":7,\"event\":\"exec\",\"pid\":258,\"path\":\"/w\",\"argc\":5,"
		      "\"argv\":[\"ww\"],\"truncated\":true}\n"),
	   "one that is cut");
	fork->view.pid = 5;
	fork->view.args[0] = 6;
	ok(words(fork, "{\"t\":7,\"event\":\"fork\",\"pid\":5,\"child\":6}\n"), "a fork");
	dropped->count = 3;
	ok(words(dropped, "{\"t\":7,\"event\":\"dropped\",\"count\":3}\n"), "drops");
}

static struct pf_event *make_event(enum pf_kind kind, uint16_t flags, int64_t arg0, int64_t arg1)
{
	struct pf_event *e = (void *)make(kind, flags, sizeof(*e));

	e->view = (struct pf_view){ .number = 257, .abi = 0xc000003e, .pid = 5, .tid = 6 };
	e->view.args[0] = (uint64_t)arg0;
	e->view.args[1] = (uint64_t)arg1;
	return e;
}

static void test_watched(void)
{
	struct pf_event *e = make_event(PF_RETURN, PF_NO_CALL, 0, 0);

	e->view.result = -2;
	ok(words_of(make_event(PF_CALL, PF_SKIPPED, -100, 1ll << 53), 3,
		    "{\"t\":7,\"event\":\"call\",\"hook\":3,\"pid\":5,\"tid\":6,\"number\":257,"
		    "\"abi\":3221225534,\"arg0\":-100,\"arg1\":\"9007199254740992\",\"arg2\":0,"
		    "\"arg3\":0,\"arg4\":0,\"arg5\":0,\"skipped\":true}\n"),
	   "a call, with numbers that a double does not hold as strings");
	ok(words_of(e, 0,
		    "{\"t\":7,\"event\":\"return\",\"hook\":0,\"pid\":5,\"tid\":6,\"number\":257,"
		    "\"abi\":3221225534,\"arg0\":0,\"arg1\":0,\"arg2\":0,\"arg3\":0,\"arg4\":0,"
		    "\"arg5\":0,\"result\":-2,\"callSeen\":false}\n"),
	   "its end");
	ok(words_of(make_event(PF_EXIT, 0, 9, 1), 1,
		    "{\"t\":7,\"event\":\"exit\",\"hook\":1,\"pid\":5,\"tid\":6,\"status\":9,"
		    "\"leads\":true}\n"),
	   "an exit");
	ok(words_of(make_event(PF_SIGNAL, 0, 9, -6), 1,
		    "{\"t\":7,\"event\":\"signal\",\"hook\":1,\"pid\":5,\"tid\":6,\"signal\":9,"
		    "\"code\":-6}\n"),
	   "a signal");
	ok(words_of(make_event(PF_FORK, 0, 6, 0), 2,
		    "{\"t\":7,\"event\":\"fork\",\"hook\":2,\"pid\":5,\"child\":6}\n"),
	   "a fork that a hook of the job's told of");
	ok(flaw(make(PF_CALL, 0, 96)) == -EBADMSG, "a call that is too short");
}

static struct pf_path_event *make_open(const void *path, uint16_t n)
{
	uint32_t length = (uint32_t)(sizeof(struct pf_path_event) + n + 15) / 16 * 16;
	struct pf_path_event *e = (void *)make(PF_OPEN, 0, length);

	e->event.view.pid = 258;
	e->event.view.args[0] = 0100000;
	e->event.view.args[1] = 0100644;
	e->event.view.args[2] = 2;
	e->event.view.args[3] = 1ull << 53;
	e->path_bytes = n;
	memcpy(e->data, path, n);
	return e;
}

static struct pf_address_event *make_connect(int family, const void *address, uint16_t n)
{
	uint32_t length = (uint32_t)(sizeof(struct pf_address_event) + n + 15) / 16 * 16;
	struct pf_address_event *e = (void *)make(PF_CONNECT, 0, length);

	e->event.view.pid = 258;
	e->event.view.args[0] = (uint64_t)family;
	e->event.view.args[1] = 1;
	e->event.view.args[3] = n;
	e->event.view.args[4] = 9;
	e->event.view.args[5] = (uint64_t)family;
	e->address_bytes = n;
	memcpy(e->data, address, n);
	return e;
}

#define SOCKET(event, family)                                                                      \
	"{\"t\":7,\"event\":\"" event "\",\"pid\":258,\"family\":" family ",\"type\":1,"           \
	"\"protocol\":0,\"ino\":9"
#define CONNECT(family) SOCKET("connect", family) ",\"addressFamily\":" family ","

static void test_addresses(void)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(8080) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(22) };
	struct pf_address_event *bind;

	four.sin_addr.s_addr = htonl(0x7f000001);
	six.sin6_addr.s6_addr[15] = 1;
	ok(words(make_connect(AF_INET, &four, sizeof(four)),
		 CONNECT("2") "\"ip\":\"127.0.0.1\",\"port\":8080}\n"),
	   "a connection by IPv4");
	ok(words(make_connect(AF_INET6, &six, sizeof(six)),
		 CONNECT("10") "\"ip\":\"::1\",\"port\":22}\n"),
	   "one by IPv6");
	ok(words(make_connect(AF_UNIX, "\1\0/s\0rest", 9),
		 CONNECT("1") "\"path\":\"/s\",\"abstract\":false}\n"),
	   "a path ends with its NUL");
	ok(words(make_connect(AF_UNIX, "\1\0/s", 4),
		 CONNECT("1") "\"path\":\"/s\",\"abstract\":false}\n"),
	   "or with the address");
	ok(words(make_connect(AF_UNIX, "\1\0\0a\0b", 6),
		 CONNECT("1") "\"path\":\"a\\u0000b\",\"abstract\":true}\n"),
	   "an abstract name has all bytes");
	ok(words(make_connect(AF_UNIX, "\1\0", 2),
		 CONNECT("1") "\"path\":\"\",\"abstract\":false}\n"),
	   "a name that the kernel is to choose");
	ok(words(make_connect(AF_INET, &four, 4), CONNECT("2") "\"bytes\":\"02001f90\"}\n"),
	   "an address that is too short for its family");
	bind = make_connect(17, "\21\0\377", 3);
	bind->event.head.kind = PF_BIND;
	ok(words(bind, SOCKET("bind", "17") ",\"addressFamily\":17,\"bytes\":\"1100ff\"}\n"),
	   "a binding, of a family without a wording");
}

static void test_files_and_sockets(void)
{
	struct pf_event *release = (void *)make(PF_RELEASE, 0, sizeof(*release));
	struct pf_event *ioctl = (void *)make(PF_UNANSWERED, 0, sizeof(*ioctl));

	ok(words(make_open("/f", 2),
		 "{\"t\":7,\"event\":\"open\",\"pid\":258,\"path\":\"/f\",\"flags\":32768,"
		 "\"mode\":33188,\"dev\":2,\"ino\":\"9007199254740992\",\"rdev\":0,"
		 "\"truncated\":false}\n"),
	   "an opening");
	release->view.pid = 258;
	release->view.args[0] = 2;
	release->view.args[1] = 1;
	release->view.args[3] = 9;
	ok(words(release, SOCKET("release", "2") "}\n"), "the end of a socket");
	ioctl->view.pid = 258;
	ioctl->view.args[0] = 0xfffffffe;
	ioctl->view.args[1] = 7;
	ioctl->view.args[2] = 259;
	ioctl->view.args[3] = 6;
	ioctl->view.args[4] = 4;
	ioctl->view.args[5] = 020666;
	ok(words(ioctl, "{\"t\":7,\"event\":\"unanswered\",\"pid\":258,\"command\":4294967294,"
			"\"argument\":7,"
			"\"rdev\":259,\"dev\":6,\"ino\":4,\"mode\":8630}\n"),
	   "an ioctl that nobody answered");
}

static void test_longest(void)
{
	static uint8_t bytes[PF_PATH_MOST + PF_ARGV_MOST];
	struct jsonl j;
	void *record;

	memset(bytes, 1, sizeof(bytes)); /* six characters each */
	record = make_exec(bytes, PF_PATH_MOST, PF_ARGV_MOST, 1);
	ok(!truth_json(record, 63, &j) && !jsonl_end(&j), "the longest exec fits a line");
	free(record);
	record = make_open(bytes, PF_PATH_MOST);
	ok(!truth_json(record, 7, &j) && !jsonl_end(&j), "the longest path does");
	free(record);
	record = make_connect(AF_UNIX, bytes, PF_ADDRESS_MOST);
	ok(!truth_json(record, 7, &j) && !jsonl_end(&j), "and the longest address");
	free(record);
	memset(bytes, 0, sizeof(bytes)); /* as many arguments as there can be */
	record = make_exec(bytes, PF_PATH_MOST, PF_ARGV_MOST, UINT64_MAX);
	ok(!truth_json(record, 63, &j) && !jsonl_end(&j),
	   "and so does the one with most arguments");
	free(record);
}

static void test_flaws(void)
{
	struct pf_exec_event *e = make_exec("/ww", 2, 1, 1);
	struct pf_address_event *address;
	struct pf_path_event *open;

	e->path_bytes = 200;
	ok(flaw(e) == -EBADMSG, "a path longer than its record");
	e = make_exec("/ww", 2, 1, 1);
	e->argv_bytes = PF_ARGV_MOST + 1;
	ok(flaw(e) == -EBADMSG, "arguments longer than are kept");
	open = make_open("/ww", 3);
	open->path_bytes = 30;
	ok(flaw(open) == -EBADMSG, "an opened path longer than its record");
	address = make_connect(AF_UNIX, "\1\0/s", 4);
	address->address_bytes = PF_ADDRESS_MOST + 1;
	ok(flaw(address) == -EBADMSG, "an address longer than are kept");
	ok(flaw(make(PF_OPEN, 0, 112)) == -EBADMSG, "an opening that is too short");
	ok(flaw(make(PF_BIND, 0, 112)) == -EBADMSG, "a binding that is too short");
	ok(flaw(make(PF_RELEASE, 0, 96)) == -EBADMSG, "the end of a socket that is too short");
	ok(flaw(make(PF_UNANSWERED, 0, 96)) == -EBADMSG, "an ioctl that is too short");
	ok(flaw(make(PF_EXEC, 0, 112)) == -EBADMSG, "an exec that is too short");
	ok(flaw(make(PF_FORK, 0, 96)) == -EBADMSG, "a fork that is too short");
	ok(flaw(make(PF_DROPPED, 0, 16)) == -EBADMSG, "drops without a count");
	ok(flaw(make(PF_REASON, 0, 128)) == -ENOTSUP, "what has no wording");
}

int main(void)
{
	test_words();
	test_addresses();
	test_files_and_sockets();
	test_watched();
	test_longest();
	test_flaws();
	return tap_done();
}
