// Writes a text into a channel, line by line, and closes it. Any number of readers get all of it: channel-read.ts.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, PlayheadError } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

// The channel of an earlier run goes first: a closed channel takes no more.
await client.deleteChannel('licences').catch((error: unknown) => {
  if (!(error instanceof PlayheadError) || error.reason !== 'TOPIC_NOT_FOUND') throw error;
});

const text = someText();
const channel = client.channel('licences');
await channel.publishAll(text.split(/(?<=\n)/));
const closed = await channel.close({ reason: 'that is all of them' });

console.log(`wrote ${closed.messageCount} lines, ${Buffer.byteLength(text)} bytes`);
console.log(`checksum ${closed.checksum}`);

// The checksum is the MD5 of all values in order: of the text, therefore.
if (closed.checksum !== createHash('md5').update(text).digest('hex')) {
  console.error('the checksum is not that of the text');
  process.exitCode = 1;
}

/** The licences that the system brings along, some hundred kB, or as much of something else. */
function someText(): string {
  const directory = '/usr/share/common-licenses';
  if (existsSync(directory)) {
    return readdirSync(directory)
      .map((name) => readFileSync(`${directory}/${name}`, 'utf8'))
      .join('');
  }
  return Array.from({ length: 10_000 }, (_, i) => `line ${i} of a text as good as any\n`).join('');
}
