import { z } from 'zod';
import { HISTOGRAM_BUCKETS_DEFAULT, HISTOGRAM_BUCKETS_MAX } from '../limits.ts';
import { histogram } from '../log/histogram.ts';
import type { App, HttpContext } from './context.ts';
import { topicParams } from './context.ts';
import { wholeNumber } from './params.ts';
import { endText, momentNs, positionText } from './time-param.ts';

/** Bucket `i` of `n` begins at `from + (until - from) * i / n`, rounded down. */
const histogramJson = z
  .object({
    topic: z.string(),
    from_timestamp_ns: z.string(),
    until_timestamp_ns: z.string(),
    message_counts: z.array(z.int()),
    byte_counts: z.array(z.int()),
  })
  .meta({ id: 'Histogram' });

/** Messages of a topic over time, for a timeline. */
export function histogramRoutes(app: App, { log }: HttpContext): void {
  app.get(
    '/v1/topics/:topic/histogram',
    {
      config: { operation: { reasons: ['INVALID_ARGUMENT', 'TOPIC_NOT_FOUND'] } },
      schema: {
        operationId: 'getHistogram',
        tags: ['topics'],
        summary: 'Messages over time, counted by the index',
        params: topicParams,
        querystring: z.strictObject({
          from: positionText.optional().describe('The first message by default.'),
          until: endText
            .optional()
            .describe('Not included; `now`, or behind the last message, which it is by default.'),
          buckets: wholeNumber(1, HISTOGRAM_BUCKETS_MAX)
            .optional()
            .describe(`Most counts; ${HISTOGRAM_BUCKETS_DEFAULT} by default.`),
        }),
        response: { 200: histogramJson },
      },
    },
    async ({ params: { topic }, query }) => {
      const { from, until, buckets } = query;
      const untilNs =
        until === undefined || until === 'now' ? undefined : momentNs(until, log.clock);
      const counted = await histogram(log, { topic, from, untilNs, buckets });
      return {
        topic,
        from_timestamp_ns: `${counted.fromNs}`,
        until_timestamp_ns: `${counted.untilNs}`,
        message_counts: [...counted.messageCounts],
        byte_counts: [...counted.byteCounts],
      };
    },
  );
}
