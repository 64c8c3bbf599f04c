/** Counts the Test Anything Protocol that `make -C native check` prints: programs one after the other. */

/**
 * `# folder/name` starts a program. One that ends before its plan is fulfilled, or that says nothing at all, counts as
 * one failure more: a crash must never look like a pass.
 */
export function countTap(text) {
  const programs = [];
  for (const line of text.split('\n')) {
    if (/^# [a-z0-9_-]+\/test\/[a-z0-9_-]+$/.test(line)) programs.push(newProgram(line.slice(2)));
    const program = programs.at(-1);
    if (program) countLine(program, line);
  }
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const program of programs) addProgram(counts, program);
  return counts;
}

const newProgram = (name) => ({ name, plan: undefined, seen: 0, passed: 0, skipped: 0, failures: [] });

function countLine(program, line) {
  const plan = /^1\.\.(\d+)/.exec(line)?.[1];
  if (plan !== undefined) program.plan = Number(plan);
  const result = /^(not )?ok\b(.*)$/.exec(line);
  if (!result) return;
  program.seen += 1;
  const [, not, rest = ''] = result;
  if (/#\s*skip/i.test(rest)) program.skipped += 1;
  else if (not) program.failures.push(`${program.name}:${rest}`);
  else program.passed += 1;
}

function addProgram(counts, program) {
  counts.passed += program.passed;
  counts.skipped += program.skipped;
  const failures = [...program.failures];
  if (program.plan === undefined || program.seen !== program.plan) {
    failures.push(
      `${program.name}: ended after ${program.seen} of ${program.plan ?? 'an unknown number of'} tests`,
    );
  }
  counts.failed += failures.length;
  counts.failures.push(...failures);
}
