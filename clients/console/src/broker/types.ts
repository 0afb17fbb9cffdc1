import type { JsonMessage } from '../message/message.ts';

/** What the broker answers, as its OpenAPI document describes it. */
export interface Closed {
  readonly topic: string;
  readonly timestamp_ns: string;
  readonly message_count: number;
  readonly reason: string;
}

export interface Topic {
  readonly topic: string;
  readonly state: 'open' | 'closed';
  readonly message_count: number;
  readonly byte_count: number;
  readonly first_timestamp_ns: string | null;
  readonly last_timestamp_ns: string | null;
  readonly created_timestamp_ns: string;
  readonly messages_per_second: number;
  readonly bytes_per_second: number;
  readonly subscriber_count: number;
  readonly closed: Closed | null;
}

export interface TopicPage {
  readonly topics: readonly Topic[];
  readonly next_page_token: string;
}

export interface SubscriptionConfig {
  readonly mode?: string;
  readonly lease_ms?: number;
  readonly max_attempts?: number;
  readonly max_in_flight?: number;
  readonly dead_letter_topic?: string;
  readonly max_pending?: number;
  readonly backlog_policy?: string;
}

export interface Subscription {
  readonly topic: string;
  readonly subscription: string;
  readonly pending_count: number;
  readonly in_flight_count: number;
  readonly waiting_count: number;
  readonly redelivered_count: number;
  readonly dead_lettered_count: number;
  readonly acknowledged_count: number;
  readonly dropped_count: number;
  readonly oldest_pending_timestamp_ns: string | null;
  readonly lag_seconds: number;
  readonly worker_count: number;
  readonly is_drained: boolean;
  readonly cursor_timestamp_ns: string | null;
  readonly config: SubscriptionConfig;
}

export interface SubscriptionPage {
  readonly subscriptions: readonly Subscription[];
  readonly next_page_token: string;
}

export interface MessagePage {
  readonly messages: readonly JsonMessage[];
  readonly next_timestamp_ns: string;
  readonly is_caught_up: boolean;
  readonly trimmed: { readonly first_timestamp_ns: string | null } | null;
  readonly closed: Closed | null;
}

export interface HistogramAnswer {
  readonly from_timestamp_ns: string;
  readonly until_timestamp_ns: string;
  readonly message_counts: readonly number[];
  readonly byte_counts: readonly number[];
}

export interface DeadLetter {
  readonly message: JsonMessage;
  readonly reason: string;
  readonly attempts: number;
  readonly original_timestamp_ns: string;
  readonly dead_time: string;
}

export interface DeadLetterPage {
  readonly dead_letter_topic: string;
  readonly dead_letters: readonly DeadLetter[];
  readonly next_timestamp_ns: string;
  readonly is_caught_up: boolean;
}

export interface ServerInfo {
  readonly version: string;
  readonly durability: string;
  readonly clock_ns: string;
  readonly max_message_bytes: number;
}

export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly reason: string;
}
