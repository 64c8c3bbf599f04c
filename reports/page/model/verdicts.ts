import { SYMBOLS, VERDICTS, type Verdict } from '../../../runner/src/lib/verdict.ts';

/** The terminal's own. */
export { SYMBOLS, VERDICTS };

export const isVerdict = (word: string): word is Verdict => Object.hasOwn(SYMBOLS, word);

/** What it says, for a reader who has not met the word. */
export const MEANINGS: Readonly<Record<Verdict, string>> = {
  held: 'the attack wins without the defence, never with it, and honest work is done',
  breached: 'the line was crossed with the defence on',
  overblocked: 'honest work was refused or broken',
  inconclusive: 'the runs show nothing, such as an attack without teeth',
  unsupported: 'the target lacks what the scenario needs',
  unavailable: 'the target could not be had',
  crashed: 'the kernel died',
  hung: 'the guest stopped answering',
  error: 'the lab failed, not what it judges',
};
