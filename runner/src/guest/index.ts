export { certify } from './certify.ts';
export { BootFailure, bootToReady } from './checkpoint.ts';
export { runInputs } from './inputs.ts';
export { findQemu } from './qemu.ts';
export {
  type Guest,
  prepareGuest,
  runSchedule,
  type Schedule,
  withoutForks,
} from './schedule.ts';
export { openStub } from './stub.ts';
export type { Vm } from './vm.ts';
