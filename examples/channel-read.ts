// Reads the channel that channel-write.ts writes, from its first line to its end. It may be started before, while or
// long after that runs, as often as you like.
import { connect } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const reader = client.channel('licences').subscribe();
let bytes = 0;
for await (const message of reader) bytes += message.value.length;

// The loop ended, so the channel is closed. Its marker says what the writer has written.
console.log(`read ${reader.messageCount} lines, ${bytes} bytes: ${reader.closed?.reason}`);
console.log(`checksum ${reader.checksum}`);
console.log(`count ${reader.isComplete ? 'equal' : 'DIFFERS'}`);
console.log(`checksum ${reader.isVerified ? 'equal' : 'DIFFERS'}`);
if (!reader.isVerified) process.exitCode = 1;
