/** Calls that do the same, so that nobody rules openat and forgets openat2. */

export interface Family {
  name: string;
  members: readonly string[];
  /** What a rule of the whole family can ask for. */
  fields: readonly string[];
}

const ADDRESS = ['addr.family', 'addr.port', 'addr.ip', 'addr.path'] as const;

export const FAMILIES: readonly Family[] = [
  { name: 'exec', members: ['execve', 'execveat'], fields: ['path', 'argv', 'argc', 'envp', 'flags'] },
  {
    name: 'open',
    members: ['open', 'creat', 'openat', 'openat2'],
    fields: ['path', 'flags', 'mode', 'resolve'],
  },
  { name: 'connect', members: ['connect'], fields: ['fd', ...ADDRESS] },
  { name: 'bind', members: ['bind'], fields: ['fd', ...ADDRESS] },
  { name: 'send', members: ['sendto', 'sendmsg', 'sendmmsg'], fields: ['fd', 'flags', ...ADDRESS] },
  { name: 'clone', members: ['fork', 'vfork', 'clone', 'clone3'], fields: ['flags'] },
];

export const familyNamed = (name: string): Family | undefined =>
  FAMILIES.find((family) => family.name === name);

export const familyOf = (call: string): Family | undefined =>
  FAMILIES.find(({ members }) => members.includes(call));

/** `sys_open` is the call where `open` is the family. */
export const CALL_PREFIX = 'sys_';

/** By which other calls of the kernel these can be made; a policy that names one of them closes the way round. */
export interface Detour {
  call: string;
  error: 'ENOSYS' | 'EPERM';
  reaches: readonly string[];
}

const SOCKET_CALLS = [
  ...[
    'socket',
    'bind',
    'connect',
    'listen',
    'accept',
    'getsockname',
    'getpeername',
    'socketpair',
    'send',
    'recv',
  ],
  ...[
    'sendto',
    'recvfrom',
    'shutdown',
    'setsockopt',
    'getsockopt',
    'sendmsg',
    'recvmsg',
    'accept4',
    'recvmmsg',
  ],
  'sendmmsg',
];
const IPC_CALLS = [
  ...[
    'semop',
    'semget',
    'semctl',
    'semtimedop',
    'msgsnd',
    'msgrcv',
    'msgget',
    'msgctl',
    'shmat',
    'shmdt',
    'shmget',
  ],
  ...['shmctl', 'semtimedop_time64'],
];
/** IORING_OP_… of io_uring.h, as the calls they stand for. */
const RING_CALLS = [
  ...['read', 'readv', 'pread64', 'preadv', 'preadv2', 'write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'],
  ...[
    'fsync',
    'fdatasync',
    'sync_file_range',
    'sendmsg',
    'sendmmsg',
    'recvmsg',
    'accept',
    'accept4',
    'connect',
  ],
  ...[
    'fallocate',
    'open',
    'openat',
    'openat2',
    'creat',
    'close',
    'statx',
    'fadvise64',
    'madvise',
    'send',
    'sendto',
  ],
  ...[
    'recv',
    'recvfrom',
    'epoll_ctl',
    'splice',
    'tee',
    'shutdown',
    'rename',
    'renameat',
    'renameat2',
    'unlink',
  ],
  ...[
    'unlinkat',
    'rmdir',
    'mkdir',
    'mkdirat',
    'symlink',
    'symlinkat',
    'link',
    'linkat',
    'setxattr',
    'fsetxattr',
  ],
  ...[
    'getxattr',
    'fgetxattr',
    'socket',
    'bind',
    'listen',
    'ftruncate',
    'ftruncate64',
    'waitid',
    'futex',
    'pipe2',
  ],
  // Commands of IORING_OP_URING_CMD for sockets, and what the other names and widths of a call are.
  ...['setsockopt', 'getsockopt', 'ioctl', 'poll', 'ppoll', 'ppoll_time64', 'epoll_wait', 'epoll_pwait'],
  ...['pipe', 'futex_time64', 'futex_wait', 'futex_wake', 'futex_waitv', 'fadvise64_64', 'arm_fadvise64_64'],
  ...['sync_file_range2', 'arm_sync_file_range'],
];
/** IOCB_CMD_… of aio_abi.h. */
const AIO_CALLS = [
  ...['read', 'readv', 'pread64', 'preadv', 'preadv2', 'write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'],
  ...['fsync', 'fdatasync', 'poll', 'ppoll', 'ppoll_time64'],
];

export const DETOURS: readonly Detour[] = [
  { call: 'socketcall', error: 'ENOSYS', reaches: SOCKET_CALLS },
  { call: 'ipc', error: 'ENOSYS', reaches: IPC_CALLS },
  { call: 'io_uring_setup', error: 'EPERM', reaches: RING_CALLS },
  { call: 'io_submit', error: 'ENOSYS', reaches: AIO_CALLS },
];
