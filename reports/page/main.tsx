import 'uplot/dist/uPlot.min.css';
import './style.css';
import { render } from 'preact';
import type { PageData } from '../../runner/src/report/page/page-data.ts';
import { App } from './app.tsx';

const app = document.getElementById('app');
const json = document.getElementById('data')?.textContent;
if (app && json) {
  const data: PageData = JSON.parse(json);
  render(<App data={data} />, app);
}
