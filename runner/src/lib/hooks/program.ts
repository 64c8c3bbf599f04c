import { assemble, label } from '../filter/assembler.ts';
import { type Instruction, OP } from '../filter/bpf.ts';
import { Program } from '../filter/program.ts';
import { type Typed, VIEW } from '../filter/typed.ts';

/** The agent is PID 1. It passes on what hooks tell, by calls that they would tell of again. */
const AGENT_PID = 1;

/** A hook's program: 1 where the condition holds, and it is not about the agent; else 0. */
export function compileCondition(when: Typed, bigEndian: boolean): Instruction[] {
  const program = new Program(bigEndian);
  const [others, yes, no] = [label('others'), label('yes'), label('no')];
  program.load(VIEW.pid.offset);
  program.branch(OP.jumpEqual, AGENT_PID, no, others);
  program.place(others);
  program.test(when, yes, no);
  program.place(yes);
  program.return(1);
  program.place(no);
  program.return(0);
  return assemble(program.lines);
}
