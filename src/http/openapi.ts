/** What the document says besides the routes. */
export function describe(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'playhead',
      version,
      description:
        'A log broker with rewindable channels. Nanoseconds are texts of decimal digits. The name of a topic is percent-encoded in a path: orders%2Feu. Errors are application/problem+json with a reason, which is that of gRPC.',
    },
    tags: [
      { name: 'broker', description: 'Health and limits' },
      { name: 'topics', description: 'Topics and channels' },
      { name: 'messages', description: 'Publish and read' },
      { name: 'subscriptions', description: 'Durable subscriptions' },
      { name: 'deliveries', description: 'Pull and settle' },
      { name: 'schedules', description: 'Messages that are published later' },
    ],
  };
}
