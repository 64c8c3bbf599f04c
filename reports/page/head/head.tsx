import type { PageData } from '../../../runner/src/report/page/page-data.ts';
import type { Address } from '../model/address.ts';
import { Command } from '../parts/command.tsx';
import { Text } from '../parts/text.tsx';
import type { Go } from '../use-address.ts';
import { Outcome } from './outcome.tsx';
import { RunFacts } from './run-facts.tsx';
import { Tabs } from './tabs.tsx';

interface Props {
  data: PageData;
  address: Address;
  go: Go;
}

export const Head = ({ data, address, go }: Props) => (
  <header class="head">
    <div class="title">
      <p class="lab">Photofinish</p>
      <h1>
        <span class="unseen">Run </span>
        <Text of={data.run.id} most={200} />
      </h1>
      {data.trend && <Tabs view={address.view} go={go} />}
    </div>
    <Outcome cells={data.cells} address={address} go={go} />
    <div class="provenance">
      <RunFacts run={data.run} />
      <Command text={data.run.command} what="the command of this run" />
    </div>
  </header>
);
