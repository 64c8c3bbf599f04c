import { Command, Option } from 'commander';
import { CAPSULE_SUFFIX } from '../lib/capsule.ts';
import { USED_BACKENDS } from '../lib/ids.ts';
import { oneOf } from '../plan/index.ts';
import {
  type BenchFlags,
  benchFork,
  benchHooks,
  benchLearn,
  benchWarden,
  type PlacesBenchFlags,
} from './commands/bench.ts';
import { cacheList, cachePrune } from './commands/cache.ts';
import { hooksCheck } from './commands/hooks.ts';
import { type KernelFlags, kernelsFetch, kernelsList } from './commands/kernels.ts';
import { kernelsBuild, kernelsImport, kernelsPack } from './commands/kernels-build.ts';
import { type LearnFlags, learn } from './commands/learn.ts';
import { matrix } from './commands/matrix.ts';
import { type MatrixFlags, OF_THE_RUN } from './commands/matrix-flags.ts';
import { nightly } from './commands/nightly.ts';
import { type NightlyFlags, OF_THE_NIGHT } from './commands/nightly-flags.ts';
import { policyCheck, policyCompile } from './commands/policy.ts';
import { type ReplayFlags, replay } from './commands/replay.ts';
import { type ReportDiffFlags, type ReportTrendFlags, reportDiff, reportTrend } from './commands/report.ts';
import { type ReportKtapFlags, reportKtap } from './commands/report-ktap.ts';
import { type ReportMergeFlags, reportMerge } from './commands/report-merge.ts';
import { type ReportOpenFlags, reportOpen } from './commands/report-open.ts';
import { type SearchFlags, search } from './commands/search.ts';
import { type ShellFlags, shell } from './commands/shell.ts';
import { type CommandContext, EXIT } from './context.ts';

/** Words that bin/photofinish.mjs answers itself, since they must work before there is anything to run. */
const BEFORE_US = `
Also:
  doctor            what this machine lacks
  test              the tests of the lab itself
  fuzz              any bytes for what the warden parses
  lint              the checks of its sources`;

/** The words and flags; what they do is in commands/. */
export async function runWords(argv: readonly string[], context: CommandContext): Promise<number> {
  let status: number = EXIT.badWords;
  const program = new Command('photofinish')
    .description(
      'Boots real kernels, lets attacks race a supervisor in them, and says who crossed the line first.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(--help shows the words and flags there are)')
    .showSuggestionAfterError()
    .allowExcessArguments(false)
    .addHelpText('after', BEFORE_US);
  const done = (result: number): void => {
    status = result;
  };
  addMatrix(program, context, done);
  addReplay(program, context, done);
  addSearch(program, context, done);
  addReport(program, context, done);
  addNightly(program, context, done);
  addShell(program, context, done);
  addLearn(program, context, done);
  addKernels(program, context, done);
  addCache(program, context, done);
  addBench(program, context, done);
  addPolicy(program, context, done);
  addHooks(program, context, done);
  await program.parseAsync([...argv], { from: 'user' });
  return status;
}

type Done = (status: number) => void;

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

const chosenFrom =
  <T extends string>(kind: 'backend' | 'mode' | 'lane', known: readonly T[]) =>
  (value: string): T =>
    oneOf(kind, value, known);

function addMatrix(program: Command, context: CommandContext, done: Done): void {
  program
    .command('matrix')
    .description('run scenarios on targets and judge them')
    .option('--arch <names>', 'arches, such as arm,mipsel', collect)
    .option('--kernel <names>', 'kernels of the catalogue, such as debian-6.1', collect)
    .option('--scenario <globs>', "scenarios, such as 'argv/*'", collect)
    .option('--scenarios <dir>', 'a folder of your own scenarios, beside ours; may be repeated', collect)
    .addOption(
      new Option('--backend <name>', "the warden's backend: auto, notify or trace")
        .default('auto')
        .argParser(chosenFrom('backend', ['auto', ...USED_BACKENDS])),
    )
    .addOption(
      new Option('--mode <name>', 'sealed (deterministic) or live (parallel CPUs)')
        .default('sealed')
        .argParser(chosenFrom('mode', ['sealed', 'live'])),
    )
    .option(
      '--profile <name>',
      'quick, default, hooks, full, soak, stress or debug: what scenarios/matrix.yaml says',
      'default',
    )
    .option('--schedules <n>', 'schedules for every lane')
    .option('--trials <n>', 'trials in every schedule')
    .option('--seed <s>', 'where the seeds of all schedules come from, 64 bits', '1')
    .option('--jobs <n>', 'guests at once; as many as there are cores unless said')
    .option('--shard <i/n>', 'only this part of the cells')
    .option('--strict', 'cells that cannot be had fail the run')
    .option('--ready', 'build and download nothing')
    .option('--out <dir>', "the run's folder; below reports/runs unless said")
    .option('--history <dir>', 'keep a summary of the run there, and show what changed since those before')
    .option('--json', 'results.json on standard output, everything else on standard error')
    .addOption(kernelSourceOption())
    .addOption(
      new Option('--resume <dir>', 'go on with a run that was interrupted: its folder').conflicts(OF_THE_RUN),
    )
    .action(async (flags: MatrixFlags) => done(await matrix(flags, context)));
}

function addReplay(program: Command, context: CommandContext, done: Done): void {
  program
    .command('replay')
    .description('run a capsule again, and say whether it was the same to the bit')
    .argument('<file>', `a capsule, ${CAPSULE_SUFFIX}`)
    .option('--times <n>', 'as often', '1')
    .addOption(
      new Option('--gdb', 'stop before the first event, for a debugger of yours').conflicts([
        'times',
        'shell',
      ]),
    )
    .addOption(
      new Option('--shell', 'leave the guest alive behind its job, with a shell for you').conflicts('times'),
    )
    .option('--timeline', 'show what happened around the breach, beside a seed that passes if one is near')
    .option('--trace <file>', 'write what happened to a file that Perfetto opens')
    .option('--scenarios <dir>', 'a folder of your own scenarios that the run had; may be repeated', collect)
    .addOption(kernelSourceOption())
    .action(async (file: string, flags: ReplayFlags) => done(await replay(file, flags, context)));
}

function addSearch(program: Command, context: CommandContext, done: Done): void {
  program
    .command('search')
    .description('look for a schedule of one cell that breaches')
    .argument('<cell>', 'scenario@arch/kernel, such as argv/thread-rewrite@arm/debian-6.1')
    .option('--for <time>', 'how long at most, such as 90s, 10m or 2h', '10m')
    .addOption(
      new Option('--lane <name>', 'guarded or control')
        .default('guarded')
        .argParser(chosenFrom('lane', ['guarded', 'control'])),
    )
    .option('--strategy <names>', 'only these; all of them unless said', collect)
    .option('--schedules <n>', 'how many at most', '100000000')
    .option('--trials <n>', 'trials in every schedule', '1')
    .option('--seed <s>', 'where the seeds of all schedules come from, 64 bits', '1')
    .option('--jobs <n>', 'guests at once; as many as there are cores unless said')
    .option('--whole', 'go on after the first breach, to compare strategies')
    .option('--scenarios <dir>', 'a folder of your own scenarios, beside ours; may be repeated', collect)
    .option('--out <dir>', "the search's folder; below reports/runs unless said")
    .option('--json', 'search.json on standard output, everything else on standard error')
    .addOption(kernelSourceOption())
    .action(async (cell: string, flags: SearchFlags) => done(await search(cell, flags, context)));
}

function addReport(program: Command, context: CommandContext, done: Done): void {
  const report = program.command('report').description('runs that are over');
  report
    .command('open')
    .description("make a run's page anew from its folder, also of a run that was interrupted, and open it")
    .argument('[run]', 'its folder; the newest below reports/runs unless said')
    .option('--history <dir>', 'show what changed since the runs whose summaries are there')
    .action(async (run: string | undefined, flags: ReportOpenFlags) =>
      done(await reportOpen(run, flags, context)),
    );
  report
    .command('merge')
    .description('several runs as one: the shards of a plan, or one plan under several backends')
    .argument('<runs...>', 'folders of runs')
    .option('--out <dir>', "the merged run's folder; below reports/runs unless said")
    .option('--strict', 'cells that cannot be had fail it')
    .option('--history <dir>', 'keep a summary of it there, and show what changed since those before')
    .action(async (runs: string[], flags: ReportMergeFlags) => done(await reportMerge(runs, flags, context)));
  report
    .command('ktap')
    .description("a guest's own tests (KTAP or TAP, such as kernel selftests) as the cells of a run")
    .argument('<file>', 'what they said; a whole console will do')
    .requiredOption('--target <target>', 'where they ran: arch/kernel, such as arm/6.13')
    .option('--out <dir>', "the run's folder; below reports/runs unless said")
    .option('--history <dir>', 'keep a summary of it there')
    .action(async (file: string, flags: ReportKtapFlags) => done(await reportKtap(file, flags, context)));
  report
    .command('trend')
    .description('how the runs of a history came out')
    .option('--history <dir>', 'where their summaries are', 'reports/history')
    .option('--json', 'as JSON on standard output')
    .action(async (flags: ReportTrendFlags) => done(await reportTrend(flags, context)));
  report
    .command('diff')
    .description('what changed from one run to another: verdicts, breach rates, time')
    .argument('<before>', "a run's folder, or its results.json")
    .argument('<after>', 'another')
    .option('--json', 'as JSON on standard output')
    .action(async (before: string, after: string, flags: ReportDiffFlags) =>
      done(await reportDiff(before, after, flags, context)),
    );
}

function addNightly(program: Command, context: CommandContext, done: Done): void {
  program
    .command('nightly')
    .description(
      'everything, unattended: the matrix under each backend, searches, one report, one exit status',
    )
    .option('--arch <names>', 'arches, such as arm,mipsel', collect)
    .option('--kernel <names>', 'kernels of the catalogue, such as debian-6.1', collect)
    .option('--scenario <globs>', "scenarios, such as 'argv/*'", collect)
    .option('--scenarios <dir>', 'a folder of your own scenarios, beside ours; may be repeated', collect)
    .option('--profile <name>', 'what scenarios/matrix.yaml says of it', 'full')
    .option('--schedules <n>', 'schedules for every lane')
    .option('--trials <n>', 'trials in every schedule')
    .option('--seed <s>', 'where the seeds of all schedules come from, 64 bits', '1')
    .option('--jobs <n>', 'guests at once; as many as there are cores unless said')
    .option('--search <globs>', 'scenarios whose cells are searched as well', 'argv/thread-rewrite,planted/*')
    .option('--search-for <time>', 'how long each of them at most', '2m')
    .option('--history <dir>', 'where summaries are kept', 'reports/history')
    .option('--days <n>', 'what the cache has and nobody used for longer than this is removed', '30')
    .option('--strict', 'cells that cannot be had fail it')
    .option('--out <dir>', "the night's folder; below reports/runs unless said")
    .addOption(kernelSourceOption())
    .addOption(
      new Option('--resume <dir>', 'go on with a night that was interrupted: its folder').conflicts(
        OF_THE_NIGHT,
      ),
    )
    .action(async (flags: NightlyFlags) => done(await nightly(flags, context)));
}

function addShell(program: Command, context: CommandContext, done: Done): void {
  program
    .command('shell')
    .description("a person's shell in a live guest")
    .argument('<target>', 'arch/kernel, such as arm/debian-6.1')
    .addOption(kernelSourceOption())
    .action(async (target: string, flags: ShellFlags) => done(await shell(target, flags, context)));
}

function addLearn(program: Command, context: CommandContext, done: Done): void {
  program
    .command('learn')
    .description('run a command in a guest that is thrown away, and write the profile of what it needs')
    .requiredOption('--target <target>', 'where, such as arm/debian-6.1')
    .option('--rootfs <path>', "a folder or a tar archive that is the command's root; else the guest's own")
    .option('-o, --output <file>', 'where the profile goes; standard output unless said')
    .option('--limit <seconds>', 'how long the command may take', '300')
    .option('--partial', 'a profile, marked so, also of a command that does not end well')
    .addOption(kernelSourceOption())
    .argument('<command...>', 'behind --')
    .action(async (command: string[], flags: LearnFlags) => done(await learn(command, flags, context)));
}

const kernelSourceOption = (): Option =>
  new Option(
    '--kernel-source <id=path>',
    'build a kernel from a tree or tarball of yours, such as 4.10=../linux',
  ).argParser(collect);

function addKernels(program: Command, context: CommandContext, done: Done): void {
  const kernels = program.command('kernels').description('the kernels there are');
  kernels
    .command('list')
    .description('each kernel and its arches, and which are built')
    .addOption(kernelSourceOption())
    .action(async (flags: KernelFlags) => done(await kernelsList(flags, context)));
  kernels
    .command('fetch')
    .description('download packaged kernels, and the sources of others, into the cache')
    .option('--arch <names>', 'only these arches', collect)
    .option('--kernel <names>', 'only these kernels', collect)
    .addOption(kernelSourceOption())
    .action(async (flags: KernelFlags) => done(await kernelsFetch(flags, context)));
  kernels
    .command('build')
    .description('build kernels from source; all of them unless some are named')
    .argument('[names...]', 'kernels, such as 4.10, or targets, such as arm/4.10')
    .option('--arch <names>', 'only these arches', collect)
    .addOption(kernelSourceOption())
    .action(async (names: string[], flags: KernelFlags) => done(await kernelsBuild(names, flags, context)));
  kernels
    .command('pack')
    .description('write a built kernel to one file, for another machine')
    .argument('<target>', 'arch/kernel, such as arm/4.10')
    .argument('<file>', 'a .tar.gz')
    .addOption(kernelSourceOption())
    .action(async (target: string, file: string, flags: KernelFlags) =>
      done(await kernelsPack(target, file, flags, context)),
    );
  kernels
    .command('import')
    .description('take in a kernel that was packed; its programs will run here')
    .argument('<file>', 'what `pack` wrote')
    .action(async (file: string) => done(await kernelsImport(file, context)));
}

function addCache(program: Command, context: CommandContext, done: Done): void {
  const cache = program.command('cache').description('what is stored');
  cache
    .command('list')
    .description('entries, newest use first')
    .action(async () => done(await cacheList(context)));
  cache
    .command('prune')
    .description('remove what was not used lately')
    .option('--days <n>', 'unused for longer than this; 0 for everything', '30')
    .action(async (flags: { days: string }) => done(await cachePrune(flags, context)));
}

function addPolicy(program: Command, context: CommandContext, done: Done): void {
  const policy = program.command('policy').description('rules for system calls, in YAML');
  policy
    .command('check')
    .description('what the kernel decides of a policy, what the warden, and how long its program is')
    .argument('<file>', 'a policy')
    .option('--arch <names>', 'only these arches', collect)
    .action(async (file: string, flags: { arch?: string[] }) =>
      done(await policyCheck(file, flags, context)),
    );
  policy
    .command('compile')
    .description('write the image that `warden run --policy` takes')
    .argument('<file>', 'a policy')
    .requiredOption('--arch <name>', 'the arch it is for')
    .requiredOption('-o, --out <file>', 'the image')
    .action(async (file: string, flags: { arch: string; out: string }) =>
      done(await policyCompile(file, flags, context)),
    );
}

function addHooks(program: Command, context: CommandContext, done: Done): void {
  const hooks = program.command('hooks').description('what is seen of calls, and done about them, in YAML');
  hooks
    .command('check')
    .description('what hooks come to on each arch, and how long their programs are')
    .argument('<file>', 'hooks')
    .option('--arch <names>', 'only these arches', collect)
    .action(async (file: string, flags: { arch?: string[] }) => done(await hooksCheck(file, flags, context)));
}

function addBench(program: Command, context: CommandContext, done: Done): void {
  const bench = program.command('bench').description('side-by-side measurements, as ratios');
  bench
    .command('fork')
    .description('a fork of a checkpoint against a cold boot')
    .option('--target <target>', 'where to measure', 'x86_64/debian-6.1')
    .option('--json', 'as JSON on standard output')
    .addOption(kernelSourceOption())
    .action(async (flags: BenchFlags) => done(await benchFork(flags, context)));
  bench
    .command('warden')
    .description('calls under the warden against calls under strace, and bare ones')
    .option('--target <place>', 'host, or arch/kernel; may be repeated', collect)
    .option('--json', 'as JSON on standard output')
    .addOption(kernelSourceOption())
    .action(async (flags: PlacesBenchFlags) => done(await benchWarden(flags, context)));
  bench
    .command('learn')
    .description('a workload that is learned, against itself and against strace of all its calls')
    .option('--target <place>', 'host, or arch/kernel; may be repeated', collect)
    .option('--json', 'as JSON on standard output')
    .addOption(kernelSourceOption())
    .action(async (flags: PlacesBenchFlags) => done(await benchLearn(flags, context)));
  bench
    .command('hooks')
    .description('a call with the hook module in various ways, without it, and under ftrace and strace')
    .option('--target <target>', 'arch/kernel; may be repeated', collect)
    .option('--json', 'as JSON on standard output')
    .addOption(kernelSourceOption())
    .action(async (flags: PlacesBenchFlags) => done(await benchHooks(flags, context)));
}
