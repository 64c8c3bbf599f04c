import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { weigh } from '../../judge/index.ts';
import { type Capsule, parseCapsule } from '../../lib/capsule.ts';
import { UserError } from '../../lib/errors.ts';
import type { Scenario } from '../../lib/scenario.ts';
import { loadScenarios, parseCount } from '../../plan/index.ts';
import { createTerminal, printable } from '../../report/index.ts';
import type { ReplayOutcome } from '../../run/replay.ts';
import type { Person } from '../../run/replay-person.ts';
import { type CommandContext, EXIT, type Output, wantsColor } from '../context.ts';
import { kernelSources } from '../kernel-sources.ts';
import { parseTarget, scenariosDir } from '../target.ts';
import { eventLines, gdbLines } from './replay-gdb.ts';
import { cellOf, timelineLines, writeTrace } from './replay-timeline.ts';

export interface ReplayFlags {
  times: string;
  gdb?: boolean;
  shell?: boolean;
  timeline?: boolean;
  trace?: string;
  scenarios?: string[];
  kernelSource?: string[];
}

const MOST_TIMES = 100_000;

/** Runs a capsule again and says whether that was the same to the bit. */
export async function replay(file: string, flags: ReplayFlags, context: CommandContext): Promise<number> {
  const { stages, env, signal, cores, stdout, stderr, cwd } = context;
  const times = parseCount('--times', flags.times, MOST_TIMES);
  if (flags.shell && !context.stdin.isTTY) {
    throw new UserError('--shell: standard input is no terminal, so nobody could type into the guest', {
      code: 'no-terminal',
      hint: 'type the command in a terminal; --timeline shows what happened without one',
    });
  }
  const capsule = parseCapsule(file, await readText(path.resolve(cwd, file)));
  const catalogue = await stages.loadCatalogue();
  parseTarget(`${capsule.arch}/${capsule.kernel}`, catalogue);
  const own = (flags.scenarios ?? []).map((dir) => path.resolve(cwd, dir));
  const scenarios = await loadScenarios([scenariosDir, ...own]);
  // Known before anything is run, so that whatever is wrong with the words is said at once.
  const cell = flags.timeline || flags.trace !== undefined ? cellOf(capsule, scenarios) : undefined;
  using progress = createTerminal({
    ...{ stream: stderr, isTTY: false, columns: 80, color: wantsColor(stderr, env) },
  });
  const { onProgress } = progress;
  let shown = false;
  const show = async (outcome: ReplayOutcome): Promise<void> => {
    shown = true;
    stdout.write(`${replayLines(capsule, outcome, flags.gdb).map(printable).join('\n')}\n`);
    if (cell && flags.timeline) stdout.write(`\n${timelineLines(cell, outcome).join('\n')}\n`);
    if (cell && flags.trace !== undefined) {
      const out = path.resolve(cwd, flags.trace);
      await writeTrace(out, cell, outcome);
      stdout.write(`a trace for a viewer is in ${printable(out)}\n`);
    }
  };
  const outcome = await stages.replay({
    ...{ capsule, times, jobs: cores, scenarios, catalogue, env, signal, onProgress },
    kernelSources: await kernelSources(flags.kernelSource, catalogue, context),
    person: personOf(flags, { capsule, scenarios, show }, context),
    passes: flags.timeline && cell ? (record) => weigh(cell, record).kind === 'clean' : undefined,
    onReplay: (done) => {
      if (done % REPORT_EVERY === 0) stderr.write(`${done} of ${times} replays\n`);
    },
  });
  if (!shown) await show(outcome);
  return outcome.same === times ? EXIT.asExpected : EXIT.notAsExpected;
}

const REPORT_EVERY = 25;

interface Replaying {
  capsule: Capsule;
  scenarios: readonly Scenario[];
  show: (outcome: ReplayOutcome) => Promise<void>;
}

function personOf(
  flags: ReplayFlags,
  replaying: Replaying,
  { stdin, stdout }: CommandContext,
): Person | undefined {
  if (flags.gdb) return debuggedBy(replaying, stdout);
  if (!flags.shell) return undefined;
  const onEnd = async (outcome: ReplayOutcome): Promise<void> => {
    await replaying.show(outcome);
    const { kind } = outcome.first.end;
    stdout.write(
      kind === 'finished'
        ? 'The guest is yours; `exit` ends it.\n'
        : 'There is no shell: its guest takes no more jobs.\n',
    );
  };
  return { kind: 'shell', onEnd, typing: { input: stdin, output: stdout } };
}

function debuggedBy({ capsule, scenarios }: Replaying, stdout: Output): Person {
  const lineOf = eventLines();
  const sources = scenarios.flatMap(({ id, attack }) => (id === capsule.scenario ? [attack.dir] : []));
  const write = (line: string): void => void stdout.write(`${line}\n`);
  return {
    kind: 'gdb',
    onStopped: (stub) => gdbLines(capsule, stub, sources).forEach(write),
    onEvent: (event) => write(lineOf(event)),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(`${file}: cannot be read`, {
      code: 'unreadable-file',
      hint: "name a capsule: they lie in a run's folder, below cells/",
      cause,
    });
  }
}

/** What a person is told of it. */
export function replayLines(
  capsule: Capsule,
  { differences, digests, same }: ReplayOutcome,
  debugged = false,
): string[] {
  const { cell, lane, shape, expected } = capsule;
  const head = `${cell}, lane ${lane}, shape ${shape}: ${expected.breaches} breaches in ${expected.trials} trials`;
  const inputs = differences.map(({ input, was, is }) => `differs: ${input}: was ${was}, is ${is}`);
  const times = digests.length;
  if (same === times) {
    return [head, ...inputs, `${same} of ${times} replays are the same to the bit: ${expected.digest}`];
  }
  const others = new Set(digests.filter((digest) => digest !== expected.digest));
  return [
    head,
    ...inputs,
    `${same} of ${times} replays are the same to the bit, ${expected.digest}; the others:`,
    ...[...others].slice(0, MOST_OTHERS).map((other) => `  ${other}`),
    ...(others.size > MOST_OTHERS ? [`  and ${others.size - MOST_OTHERS} more`] : []),
    whyNotTheSame(differences.length > 0, debugged),
  ];
}

function whyNotTheSame(differs: boolean, debugged: boolean): string {
  if (differs) return 'the inputs are not those of the capsule, so another run is what is to be expected';
  return debugged
    ? "it was the same up to the debugger's first breakpoint or step, each of which moves the guest's clock on (docs/search.md)"
    : 'all inputs are those of the capsule: this QEMU is not deterministic here';
}

const MOST_OTHERS = 5;
