import { useRef } from 'preact/hooks';
import type { Address } from '../model/address.ts';
import { isFiltering, NO_FILTER } from '../model/filter.ts';
import type { Go } from '../use-address.ts';
import { useKeys } from '../use-keys.ts';
import { usePage } from '../use-page.ts';
import { TargetChoice } from './target-choice.tsx';

interface Props {
  address: Address;
  go: Go;
  shown: number;
}

export function FilterBar({ address, go, shown }: Props) {
  const { data } = usePage();
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => field.current?.select() });
  const all = data.cells.length;
  return (
    <search class="filter">
      <label>
        <span class="unseen">Search cells, claims and reasons</span>
        <input
          ref={field}
          type="search"
          value={address.q}
          placeholder="argv  @arm  panic  *rewrite@mips*"
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => go({ q: event.currentTarget.value })}
        />
      </label>
      <TargetChoice chosen={address.targets} go={go} />
      {isFiltering(address) && (
        <button type="button" class="small" onClick={() => go(NO_FILTER)}>
          clear
        </button>
      )}
      <p class="shown" role="status">
        {shown === all ? `${all} cells` : `${shown} of ${all} cells`}
      </p>
    </search>
  );
}
