import { isPassing, Unavailable } from './unavailable.ts';

/** The answer of the first suite that has one. A suite that is out of reach does not end the search. */
export async function firstSuite<T>(
  suites: readonly string[],
  what: string,
  ask: (suite: string) => Promise<T>,
): Promise<T> {
  const failures: string[] = [];
  for (const suite of suites) {
    try {
      return await ask(suite);
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures.push(`${suite}: ${error.message}`);
    }
  }
  throw new Unavailable(
    `no ${what}: ${failures.join('\n')}`,
    'is the network up? `npm run doctor` tells more',
  );
}
