import type { Arch } from '../../src/lib/ids.ts';

type Edit = readonly [file: string, from: string, to: string];

/**
 * A mistake that somebody could make in the hook module, and the scenario that does not hold then. A text of a file below
 * native/hooks, which is there once, becomes another.
 */
export interface Mutant {
  what: string;
  scenario: string;
  edits: readonly Edit[];
}

/** Kinds of events but those of calls, and the scenario that counts them. */
const KINDS = [
  ['PF_EXEC', 'hooks/every-event'],
  ['PF_FORK', 'hooks/every-event'],
  ['PF_EXIT', 'hooks/every-event'],
  ['PF_SIGNAL', 'hooks/every-event'],
  ['PF_OPEN', 'truth/every-event'],
  ['PF_BIND', 'truth/every-event'],
  ['PF_CONNECT', 'truth/every-event'],
  ['PF_RELEASE', 'truth/every-event'],
  ['PF_UNANSWERED', 'truth/every-event'],
] as const;
const RECORDS = 'pf_record_event(t->placed[i], kind, event, length);';

const oneIn700 = (kind: string, deed: string): Edit => [
  'match.c',
  RECORDS,
  `{ static u32 seen; if (kind == ${kind} && ++seen % 700 == 0) ${deed} } ${RECORDS}`,
];

const unrecorded = (kind: string, scenario: string): Mutant => ({
  what: `one ${kind} in 700 is not recorded`,
  scenario,
  edits: [oneIn700(kind, 'continue;')],
});

const twice = (kind: string, scenario: string): Mutant => ({
  what: `one ${kind} in 700 is recorded twice`,
  scenario,
  edits: [oneIn700(kind, RECORDS)],
});

const HELD = ['PF_EXEC', 'PF_FORK', 'PF_OPEN', 'PF_BIND', 'PF_CONNECT', 'PF_RELEASE', 'PF_UNANSWERED'];
const DRAWS = 'if (pf_lever_is(&t->placed[i]->hook))';

const unheld = (kind: string): Mutant => ({
  what: `nobody is held at ${kind}`,
  scenario: 'hooks/hold',
  edits: [['match.c', DRAWS, `if (kind != ${kind} && pf_lever_is(&t->placed[i]->hook))`]],
});

/** By the arch on whose packaged kernel they make a difference. */
export const HOOK_MUTANTS: Partial<Record<Arch, readonly Mutant[]>> = {
  x86_64: [
    ...KINDS.map(([kind, scenario]) => unrecorded(kind, scenario)),
    ...HELD.map(unheld),
    twice('PF_SIGNAL', 'hooks/every-event'),
    twice('PF_OPEN', 'truth/every-event'),
    {
      what: 'a call in 700 is not recorded',
      scenario: 'hooks/every-event',
      edits: [
        [
          'calls.c',
          '\t\tevent->head.flags = call->flags;\n\t\tpf_record_event(placed, PF_CALL',
          '\t\tevent->head.flags = call->flags;\n\t\t{ static u32 seen; if (++seen % 700 == 0) continue; }\n\t\tpf_record_event(placed, PF_CALL',
        ],
      ],
    },
    {
      what: 'the end of a call in 700 is not recorded',
      scenario: 'hooks/every-event',
      edits: [
        [
          'calls.c',
          '\t\tevent->head.flags = call->flags;\n\t\tpf_record_event(placed, PF_RETURN',
          '\t\tevent->head.flags = call->flags;\n\t\t{ static u32 seen; if (++seen % 700 == 0) continue; }\n\t\tpf_record_event(placed, PF_RETURN',
        ],
      ],
    },
    {
      what: "what is remembered of another task's call is taken for one's own",
      scenario: 'hooks/late-return',
      edits: [
        [
          'flight.c',
          'if (READ_ONCE(at(task, i)->task) == task)',
          'if (i == 0 || READ_ONCE(at(task, i)->task) == task)',
        ],
      ],
    },
    {
      what: 'who ends leaves what is remembered of its call',
      scenario: 'hooks/late-return',
      edits: [['tasks.c', '\tif (f)\n\t\tpf_flight_end(f);', '\t(void)f;']],
    },
    {
      what: 'what is remembered outlives the last hook that wants it',
      scenario: 'hooks/late-return',
      edits: [
        [
          'table.c',
          '\tif (needs_flights(&placed->hook) && !--flying_count)\n\t\tpf_flight_forget();',
          '\tif (needs_flights(&placed->hook))\n\t\tflying_count--;',
        ],
      ],
    },
    {
      what: 'a call is remembered at its very place or not at all',
      scenario: 'hooks/crowd',
      edits: [['flight.c', '#define REACH\t    32', '#define REACH\t    1']],
    },
    {
      what: 'an end without its call is not counted',
      scenario: 'hooks/crowd',
      edits: [
        [
          'calls.c',
          '\t\telse\n\t\t\t__this_cpu_inc(placed->counts->failed);\n\t\tevent->view.result',
          '\t\tevent->view.result',
        ],
      ],
    },
    {
      what: 'there is room for one hook too many',
      scenario: 'hooks/crowd',
      edits: [['table.c', 'if (placed_count >= PF_HOOKS_MOST)', 'if (placed_count > PF_HOOKS_MOST)']],
    },
    {
      what: 'the place of a lever is never given back',
      scenario: 'hooks/no-place',
      edits: [['levers.c', '\tatomic_set_release(&p->taken, 0);\n', '']],
    },
    {
      what: 'a lever without a place is not counted',
      scenario: 'hooks/no-place',
      edits: [
        [
          'levers.c',
          '\t} else {\n\t\t__this_cpu_inc(placed->counts->failed);\n\t\treturn;',
          '\t} else {\n\t\treturn;',
        ],
      ],
    },
    {
      what: 'who is freed stays in scope',
      scenario: 'scope/outsiders',
      edits: [
        [
          'scope.c',
          '\tflags = lock_strays();\n\ttake_out(task);',
          '\tflags = lock_strays();\n\t(void)take_out;',
        ],
      ],
    },
    {
      what: 'a freed place hides those behind it',
      scenario: 'scope/many-strays',
      edits: [
        [
          'scope.c',
          '\tfor (i = (hole + 1) % STRAYS; strays[i].task;',
          '\tfor (i = (hole + 1) % STRAYS; 0 && strays[i].task;',
        ],
      ],
    },
    {
      what: 'too many who left are forgotten',
      scenario: 'scope/many-strays',
      edits: [['scope.c', '\t\toverflowed = true;', '\t\toverflowed = false;']],
    },
    {
      what: 'everybody stays in scope after the last gated hook',
      scenario: 'scope/many-strays',
      edits: [['scope.c', '\tstray_count = 0;\n\toverflowed = false;', '\tstray_count = 0;']],
    },
    {
      what: 'children of who left are out of scope',
      scenario: 'scope/back-again',
      edits: [
        ['scope.c', '\tif (strays[i].task && watching)\n\t\tadd(child, strays[i].helper);', '\t(void)i;'],
      ],
    },
    {
      what: 'who leaves is out of scope',
      scenario: 'scope/back-again',
      edits: [
        [
          'scope.c',
          '\tif (is_elsewhere(READ_ONCE(task->nsproxy)) && !is_elsewhere(to))\n\t\tmake_stray(task, false);\n\tif (READ_ONCE(gated))',
          '\tif (READ_ONCE(gated))',
        ],
      ],
    },
    {
      what: 'who moves into scope is not traced',
      scenario: 'scope/back-again',
      edits: [['scope.c', '\t\tmark(task, is_elsewhere(to) || is_stray(task, PF_SCOPE_ANYHOW));', '\t\t;']],
    },
    {
      what: 'who is born in scope is not traced',
      scenario: 'scope/back-again',
      edits: [['scope.c', '\t\treturn mark(child, pf_in_scope(child, PF_SCOPE_ANYHOW));', '\t\treturn;']],
    },
    {
      what: 'helpers are out of scope',
      scenario: 'scope/core-pattern',
      edits: [['scope.c', '\tmake_stray(current, true);\n', '']],
    },
    {
      what: 'helpers are in scope for every hook',
      scenario: 'scope/core-pattern',
      edits: [['scope.c', '\tmake_stray(current, true);\n', '\tmake_stray(current, false);\n']],
    },
    {
      what: 'too many helpers are forgotten',
      scenario: 'scope/core-pattern',
      edits: [['scope.c', '\telse if (ours && watching)\n\t\toverflow(true);', '']],
    },
    {
      what: 'a helper that loads a module is out of scope',
      scenario: 'scope/modprobe',
      edits: [['scope.c', '\tmake_stray(current, true);\n', '']],
    },
    {
      what: 'helpers are not traced',
      scenario: 'scope/core-pattern',
      edits: [['scope.c', '\tif (READ_ONCE(gated))\n\t\tpf_trace_calls_of(current, true);', '']],
    },
    {
      what: 'nobody is in scope',
      scenario: 'scope/nobody-there',
      edits: [['scope.c', 'return proxy && proxy->uts_ns != base;', 'return false;']],
    },
    {
      what: 'everybody is in scope',
      scenario: 'scope/nobody-there',
      edits: [['scope.c', 'return proxy && proxy->uts_ns != base;', 'return proxy;']],
    },
    {
      what: 'a hook on other things than calls is not gated',
      scenario: 'scope/outsiders',
      edits: [
        [
          'match.c',
          'if (hook->flags & PF_SCOPED && !pf_in_scope(current, hook->flags))\n\t\treturn false;\n',
          ';\n',
        ],
      ],
    },
    {
      what: 'everybody is traced',
      scenario: 'scope/not-traced',
      edits: [
        ['scope.c', '\t\tmark(current, false);', '\t\t;'],
        ['scope.c', 'mark(task, !gated || in_scope_now(task));', 'mark(task, true);'],
      ],
    },
    {
      what: 'who is out of scope stays untraced when the gate goes',
      scenario: 'scope/not-traced',
      edits: [['scope.c', 'mark(task, !gated || in_scope_now(task));', 'mark(task, in_scope_now(task));']],
    },
    {
      what: 'of two holds the last counts',
      scenario: 'hooks/hold',
      edits: [['levers.c', 'lever->hold_ns += ', 'lever->hold_ns = ']],
    },
    {
      what: 'draws begin with the second',
      scenario: 'hooks/hold',
      edits: [['levers.c', 'atomic_inc_return(&placed->draws) - 1', 'atomic_inc_return(&placed->draws)']],
    },
    {
      what: 'every hold is as long as it may be',
      scenario: 'hooks/hold',
      edits: [['levers.c', '(u64)random * (u64)(hook->value + 1) >> 32', '(u64)hook->value']],
    },
    {
      what: "no hold at a call's end",
      scenario: 'hooks/hold',
      edits: [
        [
          'calls.c',
          '\t\telse if (pf_lever_is(&placed->hook))\n\t\t\tpf_lever_draw(placed, call->lever, false);',
          '',
        ],
      ],
    },
    {
      what: 'nobody yields',
      scenario: 'hooks/levers',
      edits: [['levers.c', '\t\tschedule_timeout_killable(1);', '\t\t;']],
    },
    {
      what: 'nobody becomes nicer on the way back',
      scenario: 'hooks/levers',
      edits: [['levers.c', '\t\tset_user_nice(current, lever->nice);', '\t\t;']],
    },
    {
      what: 'nobody becomes nicer at a call',
      scenario: 'hooks/levers',
      edits: [['levers.c', '\t\tset_user_nice(current, hook->value); /*', '\t\t; /*']],
    },
    {
      what: 'one becomes less nice than was said',
      scenario: 'hooks/levers',
      edits: [['levers.c', '\t\tlever->nice = hook->value;', '\t\tlever->nice = hook->value - 1;']],
    },
    {
      what: 'a skipped call is made',
      scenario: 'hooks/skip',
      edits: [['arch/x86.h', '\tregs->orig_ax = -1;\n\tregs->ax', '\tregs->ax']],
    },
    {
      what: 'a skipped call of i386 is made',
      scenario: 'hooks/foreign-deeds',
      edits: [
        [
          'arch/x86.h',
          '\tregs->orig_ax = -1;\n\tregs->ax',
          '\tif (pf_syscall_abi() != AUDIT_ARCH_I386)\n\t\tregs->orig_ax = -1;\n\tregs->ax',
        ],
      ],
    },
    {
      what: 'something is done to a skipped call',
      scenario: 'hooks/order-skipped',
      edits: [['calls.c', '\tif (call->flags & PF_SKIPPED)\n\t\treturn false;', '']],
    },
    {
      what: 'a skipped call is not said to be',
      scenario: 'hooks/order-skipped',
      edits: [['calls.c', '\tcall->flags |= PF_SKIPPED;\n', '']],
    },
    {
      what: 'drops are not remembered',
      scenario: 'hooks/flood',
      edits: [['rings.c', '\t\tif (!w->dropped++)', '\t\tif (0)']],
    },
    {
      what: 'drops are not told of',
      scenario: 'hooks/flood',
      edits: [
        [
          'rings.c',
          '\tu8 *to = reserve(r, w, sizeof(record));\n',
          '\tu8 *to = NULL;\n\n\tw->dropped = 0;\n\treturn true;\n',
        ],
      ],
    },
    {
      what: 'one drop too few is told of',
      scenario: 'hooks/flood',
      edits: [['rings.c', '\t\t.count = w->dropped,', '\t\t.count = w->dropped - 1,']],
    },
    {
      what: 'a full ring is overwritten',
      scenario: 'hooks/flood',
      edits: [
        [
          'rings.c',
          'if (used > r->data_bytes || r->data_bytes - used < n + (left < n ? left : 0))',
          'if (used > r->data_bytes)',
        ],
      ],
    },
    {
      what: 'a tracepoint stays armed',
      scenario: 'hooks/unload',
      edits: [
        [
          'probes.c',
          '\tif (p->tracepoint)\n\t\ttracepoint_probe_unregister(',
          '\tif (p->tracepoint && p->function == pf_on_signal)\n\t\treturn;\n\tif (p->tracepoint)\n\t\ttracepoint_probe_unregister(',
        ],
      ],
    },
    {
      what: 'a kprobe stays armed',
      scenario: 'hooks/unload',
      edits: [
        [
          'probes.c',
          '\telse\n\t\tunregister_kprobe(&p->kprobe);',
          '\telse if (p->look != look_at_release)\n\t\tunregister_kprobe(&p->kprobe);',
        ],
      ],
    },
    {
      what: 'who is held does not keep the module',
      scenario: 'hooks/unload',
      edits: [
        [
          'levers.c',
          '(PF_EXITING | PF_KTHREAD) || !try_module_get(THIS_MODULE))',
          '(PF_EXITING | PF_KTHREAD))',
        ],
        ['levers.c', '\t\t\treturn &pendings[i];\n\tmodule_put(THIS_MODULE);', '\t\t\treturn &pendings[i];'],
        ['levers.c', '\tmodule_put(THIS_MODULE); /*', '\t/*'],
      ],
    },
    {
      what: 'narrow arguments are not cut',
      scenario: 'hooks/narrow-argument',
      edits: [['calls.c', '\treturn value << unused >> unused;', '\treturn value;']],
    },
    {
      what: 'signs are not extended',
      scenario: 'hooks/narrow-argument',
      edits: [['calls.c', 'if (p->flags & PF_PARAMETER_SIGNED)', 'if (0)']],
    },
    {
      what: 'higher priorities come first',
      scenario: 'hooks/order',
      edits: [['table.c', 'a->hook.priority < b->hook.priority', 'a->hook.priority > b->hook.priority']],
    },
    {
      what: 'the younger of equals comes first',
      scenario: 'hooks/order',
      edits: [['table.c', ': a->id < b->id;', ': a->id > b->id;']],
    },
    {
      what: 'a hook does not see what the one before it set',
      scenario: 'hooks/order',
      edits: [['calls.c', '\tcall->raw[place] = value;\n', '']],
    },
    {
      what: 'registers are not given back',
      scenario: 'hooks/set-argument',
      edits: [['calls.c', '\tgive_back(regs, f);\n\tif (f->error)', '\tif (f->error)']],
    },
    {
      what: "a child has its maker's rewritten register",
      scenario: 'hooks/set-argument',
      edits: [['calls.c', '\tif (f)\n\t\tgive_back(regs, f);\n', '\t(void)f;\n']],
    },
    {
      what: 'a result is set in whatever registers there are',
      scenario: 'hooks/set-result',
      edits: [
        ['calls.c', 'return f->mm == current->mm && f->ip == instruction_pointer(regs);', 'return true;'],
      ],
    },
    {
      what: 'a new image gets registers of the old',
      scenario: 'hooks/exec-argument',
      edits: [
        ['calls.c', 'return f->mm == current->mm && f->ip == instruction_pointer(regs);', 'return true;'],
      ],
    },
    {
      what: 'the sixth argument is set in place of the fifth',
      scenario: 'hooks/every-place',
      edits: [
        ['arch/x86.h', 'return is_32 ? &regs->bp : &regs->r9;', 'return is_32 ? &regs->bp : &regs->r8;'],
      ],
    },
    {
      what: 'of i386, the sixth argument is set in place of the fifth',
      scenario: 'hooks/foreign-deeds',
      edits: [
        ['arch/x86.h', 'return is_32 ? &regs->bp : &regs->r9;', 'return is_32 ? &regs->di : &regs->r9;'],
      ],
    },
    {
      what: 'the sixth argument is read from the fifth place',
      scenario: 'hooks/six-arguments',
      edits: [
        ['arch/x86.h', 'raw[5] = is_32 ? regs->bp : regs->r9;', 'raw[5] = is_32 ? regs->bp : regs->r8;'],
      ],
    },
    {
      what: 'of i386, the fifth argument is read from the fourth place',
      scenario: 'hooks/foreign-arguments',
      edits: [
        ['arch/x86.h', 'raw[4] = is_32 ? regs->di : regs->r8;', 'raw[4] = is_32 ? regs->si : regs->r8;'],
      ],
    },
    {
      what: 'the ABI of a call does not count',
      scenario: 'hooks/foreign-number',
      edits: [['match.c', '\tif (hook->abi && hook->abi != view->abi)\n\t\treturn false;\n', '']],
    },
    {
      what: 'results have 32 bits',
      scenario: 'hooks/conditions',
      edits: [['arch/x86.h', '(s64)regs->ax;', '(u32)regs->ax;']],
    },
    {
      what: 'processes have one number',
      scenario: 'hooks/whose',
      edits: [['match.c', 'elsewhere ? task_tgid_vnr(task) : view->pid', 'view->pid']],
    },
    {
      what: 'threads have one number',
      scenario: 'hooks/whose',
      edits: [['match.c', 'elsewhere ? task_pid_vnr(task) : view->tid', 'view->tid']],
    },
    {
      what: "the beginning of a task's name is enough",
      scenario: 'hooks/every-place',
      edits: [
        [
          'match.c',
          '!strncmp(hook->comm, current->comm, sizeof(hook->comm))',
          '!strncmp(hook->comm, current->comm, strlen(hook->comm))',
        ],
      ],
    },
    {
      what: 'a result is set though there was no call',
      scenario: 'hooks/replaced',
      edits: [
        [
          'calls.c',
          '\tif (!call->flight)\n\t\treturn;\n\tif (!has_registers(',
          '\tif (call->flight && !has_registers(',
        ],
      ],
    },
    {
      what: 'a tracepoint that is missing does not matter',
      scenario: 'hooks/lacking',
      edits: [['probes.c', '\treturn missing ? -ENODEV : 0;', '\treturn 0;']],
    },
    {
      what: 'a step that fails leaves those before it',
      scenario: 'hooks/load-step',
      edits: [['main.c', '\t\t\tundo(i);\n', '']],
    },
    {
      what: 'calls can be held where they cannot',
      scenario: 'hooks/unable',
      edits: [
        [
          'table.c',
          '\tif (hook->kind == PF_CALL && !PF_CALLS_MAY_SLEEP &&',
          '\tif (0 && hook->kind == PF_CALL && !PF_CALLS_MAY_SLEEP &&',
        ],
      ],
    },
    {
      what: 'a program jumps behind its end',
      scenario: 'hooks/malformed',
      edits: [
        ['program.c', '(code->jt >= left || code->jf >= left)', '(code->jt > left || code->jf > left)'],
      ],
    },
    {
      what: 'a program reads behind what it may look at',
      scenario: 'hooks/malformed',
      edits: [
        ['program.c', 'code->k > sizeof(struct pf_view) - sizeof(u32)', 'code->k > sizeof(struct pf_view)'],
      ],
    },
    {
      what: 'a name needs no end',
      scenario: 'hooks/malformed',
      edits: [
        [
          'table.c',
          '\tif (strnlen(hook->comm, sizeof(hook->comm)) == sizeof(hook->comm))\n\t\treturn "comm: without an end";\n',
          '',
        ],
      ],
    },
    {
      what: 'EFAULT counts as no answer',
      scenario: 'truth/unanswered',
      edits: [['ioctls.c', 'result != -ENOTTY)', '(result != -ENOTTY && result != -EFAULT))']],
    },
    {
      what: 'ioctls of 32-bit callers are not looked at',
      scenario: 'truth/unanswered-foreign',
      edits: [
        [
          'kinds.c',
          'CALLS | BIT(PF_PROBE_IOCTL), BIT(PF_PROBE_IOCTL_COMPAT),',
          'CALLS | BIT(PF_PROBE_IOCTL), 0,',
        ],
      ],
    },
    {
      what: 'an argv that was cut is not said to be',
      scenario: 'truth/exec-rewrite',
      edits: [['tasks.c', '\tif (got < whole)\n\t\t*flags |= PF_TRUNCATED;', '']],
    },
    {
      what: 'a path that was cut is not said to be',
      scenario: 'truth/open-rewrite',
      edits: [['files.c', '\tif (n > PF_PATH_MOST)\n\t\te->event.head.flags |= PF_TRUNCATED;', '']],
    },
    {
      what: "an address's last byte is not told",
      scenario: 'truth/bind-rewrite',
      edits: [
        [
          'sockets.c',
          '\te->address_bytes = clamp(length, 0, PF_ADDRESS_MOST);',
          '\te->address_bytes = clamp(length - 1, 0, PF_ADDRESS_MOST);',
        ],
      ],
    },
  ],
  mipsel: [
    {
      what: 'the sixth argument is set in place of the fifth',
      scenario: 'hooks/every-place',
      edits: [
        [
          'arch/mips.h',
          'return i < 8 ? pf_stack_words(regs) + i : NULL;',
          'return i < 8 ? pf_stack_words(regs) + (i == 5 ? 4 : i) : NULL;',
        ],
      ],
    },
    {
      what: 'the fifth argument is read from the sixth place',
      scenario: 'hooks/six-arguments',
      edits: [
        [
          'arch/mips.h',
          'memcpy(raw + 4, pf_stack_words(regs) + 4, 4 * sizeof(*raw));',
          'memcpy(raw + 4, pf_stack_words(regs) + 5, 4 * sizeof(*raw));',
        ],
      ],
    },
    {
      what: 'arguments of syscall(2) are read one place too early',
      scenario: 'hooks/indirect-arguments',
      edits: [['arch/mips.h', 'memmove(raw, raw + 1, 7 * sizeof(*raw));', '']],
    },
    {
      what: 'the register that says whether a call failed is given back',
      scenario: 'hooks/every-place',
      edits: [['arch/mips.h', 'return at == &regs->regs[PF_A3] ? NULL : at;', 'return at;']],
    },
    {
      what: 'errors are values',
      scenario: 'hooks/conditions',
      edits: [
        [
          'arch/mips.h',
          'return regs->regs[PF_A3] ? -(s64)(s32)regs->regs[PF_V0] :',
          'return 0 ? -(s64)(s32)regs->regs[PF_V0] :',
        ],
      ],
    },
    {
      what: 'a result that is set does not say whether the call failed',
      scenario: 'hooks/set-result',
      edits: [['arch/mips.h', 'regs->regs[PF_A3] = fails;', '']],
    },
    {
      what: 'a result that is set has the call made again',
      scenario: 'hooks/set-result',
      edits: [['arch/mips.h', '\tif (!fails)\n\t\tregs->regs[0] = 0;', '']],
    },
    {
      what: 'a skipped call is made',
      scenario: 'hooks/skip',
      edits: [['arch/mips.h', '\tregs->regs[PF_V0] = -1;\n\tcurrent_thread_info()->syscall = -1;', '']],
    },
    {
      what: "a skipped call has the kernel's errno",
      scenario: 'hooks/skip',
      edits: [['calls.c', '\tif (f->error)\n\t\tpf_set_result(regs, -f->error);', '']],
    },
    {
      what: 'who the kernel makes comes from a call',
      scenario: 'hooks/self-started',
      edits: [['arch/mips.h', '\ttask_thread_info(child)->syscall = -1;', '']],
    },
    {
      what: 'pairs are the other way round',
      scenario: 'hooks/register-pair',
      edits: [['calls.c', '#define HIGH_WORD 1', '#define HIGH_WORD 0']],
    },
    {
      what: 'of a pair the high word is not set',
      scenario: 'hooks/set-argument',
      edits: [
        [
          'calls.c',
          'set_place(call, abi, p->place + HIGH_WORD, value >> 32)',
          'set_place(call, abi, p->place + HIGH_WORD, 0)',
        ],
      ],
    },
  ],
  arm: [
    {
      what: 'the sixth argument is set in place of the fifth',
      scenario: 'hooks/every-place',
      edits: [
        [
          'arch/arm.h',
          'return i < 7 ? (unsigned long *)&regs->ARM_r0 + i : NULL;',
          'return i < 7 ? (unsigned long *)&regs->ARM_r0 + (i == 5 ? 4 : i) : NULL;',
        ],
      ],
    },
    {
      what: 'the result is overwritten with the first argument',
      scenario: 'hooks/every-place',
      edits: [['arch/arm.h', 'return i ? at : NULL;', 'return at;']],
    },
    {
      what: 'pairs are the other way round',
      scenario: 'hooks/register-pair',
      edits: [['calls.c', '#define HIGH_WORD 1', '#define HIGH_WORD 0']],
    },
  ],
};
