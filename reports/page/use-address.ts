import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Address, addressOf, hashOf } from './model/address.ts';

/** Browsers refuse to be told of every key that is pressed. */
const WRITE_AFTER_MS = 150;

export type Go = (change: Partial<Address>) => void;

/** What is shown, kept in the page's address: opening a cell and changing the view can be gone back from. */
export function useAddress(): { address: Address; go: Go } {
  const [address, setAddress] = useState(() => addressOf(location.hash));
  const current = useRef(address);
  const bar = useRef<Bar | null>(null);
  const show = useCallback((next: Address) => {
    current.current = next;
    setAddress(next);
  }, []);

  useEffect(() => {
    const made = barOf(() => current.current, show);
    bar.current = made;
    addEventListener('popstate', made.follow);
    addEventListener('hashchange', made.follow);
    return () => {
      removeEventListener('popstate', made.follow);
      removeEventListener('hashchange', made.follow);
    };
  }, [show]);

  const go = useCallback<Go>(
    (change) => {
      const before = current.current;
      const next = { ...before, ...change };
      if (hashOf(next) === hashOf(before)) return;
      show(next);
      bar.current?.write(before, next);
    },
    [show],
  );
  return { address, go };
}

interface Bar {
  write: (before: Address, next: Address) => void;
  follow: () => void;
}

function barOf(current: () => Address, show: (address: Address) => void): Bar {
  let pending: ReturnType<typeof setTimeout> | undefined;
  let known = location.hash;
  let isReturning = false;
  const replace = (hash: string, state: unknown = history.state): void => {
    history.replaceState(state, '', hash);
    known = location.hash;
  };
  const write = (before: Address, next: Address): void => {
    clearTimeout(pending);
    const hash = hashOf(next);
    if (isClosing(before, next)) {
      // Where it was opened from is the entry before; what else was changed meanwhile is not there.
      isReturning = openedFrom(history.state) === hash;
      if (isReturning) history.back();
      else replace(hash, null);
    } else if (isStep(before, next)) {
      // What was typed last may not have been written yet.
      replace(hashOf(before));
      history.pushState({ openedFrom: hashOf(before) }, '', hash);
      known = location.hash;
    } else pending = setTimeout(() => replace(hash), WRITE_AFTER_MS);
  };
  const follow = (): void => {
    // One step may be told twice.
    if (location.hash === known) return;
    known = location.hash;
    if (isReturning) {
      // It takes a while, in which something may have been typed.
      isReturning = false;
      replace(hashOf(current()));
      return;
    }
    clearTimeout(pending);
    show(addressOf(known));
  };
  return { write, follow };
}

const isStep = (before: Address, next: Address): boolean =>
  (before.cell === null) !== (next.cell === null) || before.view !== next.view;

const isClosing = (before: Address, next: Address): boolean =>
  before.cell !== null && next.cell === null && before.view === next.view;

function openedFrom(state: unknown): unknown {
  return typeof state === 'object' && state !== null && 'openedFrom' in state ? state.openedFrom : undefined;
}
