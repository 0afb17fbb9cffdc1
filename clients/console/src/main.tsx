import { render } from 'preact';
import { App } from './app.tsx';
import { connection } from './broker/connection.ts';
import { recorder } from './metrics/recorder.ts';

const root = document.getElementById('console');
if (root !== null) {
  void connection.start();
  recorder.start();
  render(<App />, root);
}
