// Two tellers book on one account. Each looks at the balance, then appends the next one on the condition that nobody
// has booked since; whoever comes second gets a CONFLICT, looks again and tries again. No booking is lost.
import { connect, PlayheadError } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const account = `examples/account-${process.pid}`;
await client.topics.create(account);
await Promise.all([book('Ada', 50), book('Ben', 50)]);

const { messages } = await client.read(account);
const [last] = messages.slice(-1);
console.log(`${messages.length} bookings, balance ${last?.text}`);
if (last?.text !== '100') process.exitCode = 1;
await client.topics.delete(account);

async function book(teller: string, bookings: number): Promise<void> {
  const publisher = client.publisher(account);
  let conflicts = 0;
  for (let booked = 0; booked < bookings; ) {
    const page = await client.read(account, { from: { last: 1 } });
    const [before] = page.messages;
    const balance = Number(before?.text ?? 0) + 1;
    try {
      await publisher.publish(String(balance), {
        expectedLastTimestampNs: before?.timestampNs ?? 0n,
      });
      booked += 1;
    } catch (error) {
      if (!(error instanceof PlayheadError) || error.reason !== 'CONFLICT') throw error;
      conflicts += 1;
    }
  }
  console.log(`${teller} booked ${bookings} times, after ${conflicts} conflicts`);
}
