/**
 * Every limit of the broker, with its reason. What a peer can make grow is bounded here and nowhere else.
 */

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * Where a clock that is driven by hand ends, 2250-01-01: a schedule may be due ten years later and a lease run out, and
 * int64 ends in 2262.
 */
export const CLOCK_NS_MAX = 8_835_955_200_000_000_000n;

/** Largest message unless configured otherwise: what peers (NATS, Kafka) default to. */
export const MESSAGE_BYTES_DEFAULT = 1 * MiB;
/** Largest message that can be configured: a message is held in memory whole, several times over. */
export const MESSAGE_BYTES_MAX = 64 * MiB;
/** Room for what surrounds messages in a request: names, sequence, tags. */
export const REQUEST_OVERHEAD_BYTES = 64 * KiB;
/** Largest request, unless one largest message needs more. */
export const REQUEST_BYTES_DEFAULT = 8 * MiB;

/** A frame is closed at this size; grpc-js is fastest with responses of 64 to 256 KiB. */
export const FRAME_BYTES = 256 * KiB;
/** And at this number of messages, so that a frame that holds a timestamp begins at most so many ns before it. */
export const FRAME_MESSAGES = 32_768;
/** A commit takes at most so much; what waits longer goes with the next one. Keeps one fsync short. */
export const COMMIT_BYTES = 8 * MiB;
/** Appends that wait for a commit: above this, streams are not read on. */
export const PENDING_BYTES = 32 * MiB;
/** Appends that wait for a commit: above this, unary publishes are refused with OVERLOADED. */
export const PENDING_BYTES_MAX = 2 * PENDING_BYTES;
/** Requests of one publish stream that wait for their result; bounds what one client can park here. */
export const PUBLISH_STREAM_REQUESTS = 4096;
/**
 * What a connection may send ahead of what was read from it. HTTP/2's own 64 KiB are used up in a round trip:
 * 3.5 MB/s for a publisher 10 ms away, with this 26 MB/s.
 */
export const RECEIVE_WINDOW_BYTES = 1 * MiB;
/** Bytes of one publish stream that wait for their result. */
export const PUBLISH_STREAM_BYTES = 16 * MiB;

/**
 * Frames of the last commits that are kept in memory for those who follow: several commits of the largest size. With
 * 4 MiB a follower of a publisher at full speed reads from the disk, and falls behind.
 */
export const RECENT_BYTES = 32 * MiB;
/** And at most so many, since small frames weigh more than their bytes. */
export const RECENT_FRAMES = 16_384;

/** One read from the store returns about so much: one response. */
export const PAGE_BYTES = 256 * KiB;
/** And at most so many frames: with one message a frame a page would else take long to assemble. */
export const PAGE_FRAMES = 1024;
/**
 * From memory a follower gets at most so much in one response. A process with a hundred subscriptions has a part of a
 * response of each in memory, and collecting those costs it more than twice as many responses.
 */
export const FOLLOW_BYTES = 128 * KiB;
/** Reads from the store at once: of libuv's four threads two stay free for commits. */
export const STORE_READS = 2;
/**
 * A response is sent once no more than this of the ones before is unsent: one large response at a time. What a stalled
 * subscriber costs is that response, grpc-js's copy of it, and the page that is read ahead: three times PAGE_BYTES.
 */
export const SUBSCRIPTION_UNSENT_BYTES = 64 * KiB;

/** What a reader over HTTP is given at once: a slow one has one of these, as a copy that holds no frame. */
export const HTTP_CHUNK_BYTES = 64 * KiB;
/** Text that is made of it at once, since empty messages become ten times as long: a slow reader has three of these. */
export const HTTP_TEXT_LENGTH = 32 * KiB;
/** An event stream says that it is still there after so long: proxies cut what is silent for a minute. */
export const HTTP_KEEP_ALIVE_MS = 15_000;
/** How long a client may take for the head of a request: one that sends it letter by letter holds a connection. */
export const HTTP_HEADERS_TIMEOUT_MS = 10_000;
/** And for all of it: the largest body at two megabits a second. */
export const HTTP_REQUEST_TIMEOUT_MS = 300_000;
/** A connection without a request is closed after this: later than proxies close theirs, so that none is closed in use. */
export const HTTP_IDLE_TIMEOUT_MS = 75_000;
/** Bytes of the head of a request: the longest name of a topic and many headers of a message; more is refused with 431. */
export const HTTP_HEAD_BYTES = 16 * KiB;
/** Connections for HTTP; more are closed at once. Each costs about 20 KB before it asks for anything. */
export const HTTP_CONNECTIONS_MAX = 10_000;
/** Bytes of bodies that have come in part, of all requests together: 32 of the largest. More are refused with OVERLOADED. */
export const HTTP_BODY_BYTES_MAX = 256 * MiB;
/** Pages that were made and not yet taken, of all requests together. More are refused with OVERLOADED. */
export const HTTP_PAGE_BYTES_MAX = 256 * MiB;
/** Headers of a message as JSON: each that is wrong costs many times its length. */
export const HTTP_MESSAGE_HEADERS_MAX = 10_000;
/** Characters of what a problem says: it names what was sent, which may be long. */
export const HTTP_DETAIL_LENGTH = 1000;
/** Messages in one unary Read, if the request does not say. */
export const READ_MESSAGES_DEFAULT = 1000;
/** Messages in one unary Read at most. */
export const READ_MESSAGES_MAX = 100_000;
/** Bytes in one unary Read, if the request does not say. */
export const READ_BYTES_DEFAULT = 1 * MiB;

/** Topics of a broker: each costs a few KB of memory. */
export const TOPICS_MAX = 250_000;
/** Bytes of a topic name. */
export const TOPIC_NAME_BYTES = 255;
/** Topics on one page of a list. */
export const LIST_PAGE_MAX = 1000;
/** Topics on one page of a list, if the request does not say. */
export const LIST_PAGE_DEFAULT = 100;
/** Bytes of the reason of a close. */
export const CLOSE_REASON_BYTES = 1024;
/** Bytes of a close checksum: an MD5. */
export const CLOSE_CHECKSUM_BYTES = 16;

/** Bytes of a producer name. */
export const PRODUCER_NAME_BYTES = 255;
/** Producers that the broker remembers; the least recently used one is forgotten first. */
export const PRODUCERS_MAX = 50_000;
/** Requests of one producer that are remembered: more than a client has in flight when its connection is cut. */
export const PRODUCER_REQUESTS = 1024;
/** Requests of all producers that are remembered, about 150 bytes each. */
export const PRODUCER_REQUESTS_MAX = 500_000;

/** A checkpoint bounds what is read again at the next start: about a tenth of a second. */
export const CHECKPOINT_BYTES = 64 * MiB;
/** A checkpoint is taken at least so often while there is something to note. */
export const CHECKPOINT_INTERVAL_MS = 30_000;
/** After a crash it is taken so long after the start: who waits for the broker does not wait for it. */
export const CHECKPOINT_RECOVERED_MS = 1000;
/** What the first page of a subscription behind the tail holds at most, so that it comes soon. */
export const FIRST_PAGE_BYTES = 16 * KiB;
/** Retention is applied this often. */
export const RETENTION_INTERVAL_MS = 1000;
/** Frames that are removed in one step; a larger step makes commits wait (measured: 530 ms in one, 190 ms in these). */
export const REMOVE_STEP_FRAMES = 3000;
/** The index is written behind the tape: for each commit alone it would cost a sixth of the work of a queue (measured). */
export const INDEX_WRITE_ENTRIES = 256;
/** And when so much time has passed, so that after a crash it is a witness of all but the very end of the tape. */
export const INDEX_WRITE_DELAY_MS = 20;
/** Holes in the index that the tape could not fill are remembered, so that reading does not search again. */
export const KNOWN_HOLES = 1024;
/** Bytes removed by retention before the space is asked back from the file system. */
export const COMPACT_BYTES = 64 * MiB;
/** And what a step takes of the disk, with all that stays: what LevelDB rewrites in one go, commits wait for. */
export const COMPACT_STEP_BYTES = 8 * MiB;
/** Longest rest between two steps; one step takes less. */
export const COMPACT_REST_MS_MAX = 2000;

/**
 * Writes are refused while less than this is free, or than a twentieth of a file system that is smaller, besides what
 * LevelDB has in its logs and writes anew at the next start: it needs room to live, and so do trim and delete.
 */
export const DISK_RESERVE_BYTES = 256 * MiB;
/** Free space is looked at this often, and after so many appended bytes. */
export const DISK_CHECK_INTERVAL_MS = 500;
/** See {@link DISK_CHECK_INTERVAL_MS}. */
export const DISK_CHECK_BYTES = 16 * MiB;
/** Close to the end it is looked at at least after so many appended bytes. */
export const DISK_CHECK_BYTES_MIN = 64 * KiB;
/** What LevelDB writes when it is opened, besides what is in its logs. */
export const DISK_OPEN_BYTES = 1 * MiB;
/** After a storage error the databases are reopened, first after this delay, then twice as long each time. */
export const REOPEN_DELAY_MS = 100;
/** The longest of these delays. */
export const REOPEN_DELAY_MAX_MS = 2000;

/** A shut-down waits so long for streams to take their end before it cuts them. */
export const SHUTDOWN_GRACE_MS = 5000;

/** Topics whose figures are told one by one: each has seven, and a scrape every few seconds keeps them all. */
export const METRICS_TOPICS_MAX = 200;
/** Subscriptions whose figures are told: of each the oldest message is looked up, which may read from the disk. */
export const METRICS_SUBSCRIPTIONS_MAX = 500;
/** Buckets of a histogram: each is one look into the index, a tenth of a millisecond. */
export const HISTOGRAM_BUCKETS_MAX = 1000;
/** A line of pixels, a few each. */
export const HISTOGRAM_BUCKETS_DEFAULT = 200;
/** What is kept of what administrators did: months of it, and at most some ten megabytes. */
export const ACTIVITY_MESSAGES = 100_000;
/** What waits to be noted of it while the storage cannot take it; what is more is left out, and that is logged. */
export const ACTIVITY_WAITING_MAX = 10_000;
/** Streams of one connection. */
export const STREAMS_PER_CONNECTION = 10_000;
/** Dead peers are noticed after this plus {@link KEEPALIVE_TIMEOUT_MS}. */
export const KEEPALIVE_MS = 30_000;
/** How long a peer may take to answer a ping. */
export const KEEPALIVE_TIMEOUT_MS = 10_000;

/** A journal notes its state as a whole, and forgets what was before, after so many bytes of changes. */
export const JOURNAL_TRIM_BYTES = 16 * MiB;
/** And after so many times the size of the state, so that noting it costs a bounded share. */
export const JOURNAL_TRIM_FACTOR = 4;

/** How long a delivery is the worker's own, unless the subscription says. */
export const LEASE_MS_DEFAULT = 30_000n;
/** The longest lease, and the longest delay of a redelivery: a week. */
export const LEASE_MS_MAX = 7n * 24n * 3600n * 1000n;
/** Deliveries of one message in all, unless the subscription says. */
export const MAX_ATTEMPTS_DEFAULT = 5;
/** And at most. */
export const MAX_ATTEMPTS_MAX = 1000;
/** Messages that are leased at one time, unless the subscription says. */
export const IN_FLIGHT_DEFAULT = 10_000;
/** And at most: single messages in flight cost up to 300 bytes each. */
export const IN_FLIGHT_MAX = 1_000_000;
/** The longest delay of a backoff that doubles, unless the subscription says. */
export const BACKOFF_MAX_MS_DEFAULT = 3_600_000n;
/** Delays in the list of a backoff. */
export const BACKOFF_DELAYS_MAX = 100;
/** Messages that go to a dead-letter topic in one request. */
export const BURIAL_MESSAGES = 100;
/** Messages that were passed over because their key is busy: beyond, a subscription does not look further ahead. */
export const KEY_PARKED_MAX = 10_000;
/** Bytes of why a message was terminated. */
export const TERMINATE_REASON_BYTES = 1024;
/** What a dead letter that cannot be published waits for, first; then twice as long each time. */
export const BURIAL_RETRY_MS = 100;
/** And at most. */
export const BURIAL_RETRY_MS_MAX = 60_000;
/** Subscriptions of a broker: each costs some KB of memory. */
export const SUBSCRIPTIONS_MAX = 100_000;
/** Bytes of the name of a subscription. */
export const SUBSCRIPTION_NAME_BYTES = 100;
/** What is consumed is trimmed this often, where a topic says so. */
export const CONSUMED_TRIM_INTERVAL_MS = 1000;
/** Credit of a worker in messages: more would only wait in its memory. */
export const CREDIT_MESSAGES_MAX = 100_000;
/** Credit of a worker in bytes: what the broker may hold for one that does not read. */
export const CREDIT_BYTES_MAX = 16 * MiB;
/** Settlements of one worker that are not answered: beyond, nothing more is read from it. Of one request at most, too. */
export const CONSUME_SETTLEMENTS_MAX = 100_000;
/** Bytes of the name of a worker. */
export const WORKER_NAME_BYTES = 255;
/** Messages of one pull. */
export const PULL_MESSAGES_MAX = 10_000;
/** The longest wait of a pull. */
export const PULL_WAIT_MS_MAX = 60_000;
/** Settlements of one Acknowledge. */
export const ACKNOWLEDGE_SETTLEMENTS_MAX = 10_000;
/** Dead letters that are published again in one request. */
export const REDRIVE_MESSAGES = 1000;
/** Publishes to one topic that wait for room in a backlog. */
export const HELD_BYTES_MAX = 32 * MiB;

/** Schedules of a broker: each costs about 190 bytes of memory besides its message. */
export const SCHEDULES_MAX = 2_000_000;
/** Bytes of all schedules with their messages, which are in memory: a million with half a KiB each. */
export const SCHEDULES_BYTES_MAX = 512 * MiB;
/** Bytes of the id of a schedule. */
export const SCHEDULE_ID_BYTES = 255;
/** Longest delay of a schedule, 10 years: what is longer is a mistake in the unit. Also longest pause of "@every". */
export const SCHEDULE_DELAY_MS_MAX = 315_576_000_000;
/** Shortest pause of "@every": it is for what cron is too coarse for, and every run is a commit. */
export const EVERY_MS_MIN = 1000;
/** Bytes of a cron, and of the name of a time zone. */
export const CRON_BYTES = 255;
/** Crons that are kept parsed, at 4 KB each: to parse one costs a third of a millisecond. */
export const PARSED_CRONS = 1000;
/** Schedules that run in one commit at most: what is due at the same moment shares it, and 10 ms are not over before it. */
export const SCHEDULE_RUNS = 512;
/** And bytes of their messages. */
export const SCHEDULE_RUN_BYTES = 1 * MiB;
/** The clock is looked at at least so often while there are schedules: a jump of it moves no timer. */
export const SCHEDULE_LOOK_MS = 500;
/** A schedule whose topic refuses it is tried again after so long, then after twice as long each time. */
export const SCHEDULE_RETRY_MS = 1000;
/** The longest of these pauses. */
export const SCHEDULE_RETRY_MAX_MS = 60_000;
/** Schedules are kept in chunks of this size. What is moved when little is left in one takes a fraction of a millisecond. */
export const SCHEDULE_CHUNK_BYTES = 1 * MiB;
/** Schedules that a list looks at in one turn of the event loop. */
export const SCHEDULE_LIST_STEP = 8192;

/** What it notes of its state at once: other commits go between. */
export const JOURNAL_IMAGE_BYTES = 256 * KiB;
/** What a subscription reads at once for its workers, and once more ahead: several frames of a fast publisher. */
export const WORK_PAGE_BYTES = 1 * MiB;

/**
 * What one side of a call within the process may hand over before the other has taken it: then a writer that looks is
 * told to wait, as one over a socket is.
 */
export const IN_PROCESS_UNREAD_BYTES = 1 * MiB;

/**
 * Emits of a bus that wait for a handler or a tape. Each holds its event; whoever awaits its emits never has as many.
 */
export const BUS_EMITS_MAX = 100_000;

/** Partitions of a topic for clients of SeaweedFS: the number is built into them. */
export const SEAWEEDFS_PARTITIONS = 4;
/** Of a key as much is hashed in one step: it is copied into memory that the hash does not give back. */
export const SEAWEEDFS_HASH_BYTES = 64 * KiB;
/** So long the refusal of a publisher waits for a close that may be under way behind what is refused. */
export const SEAWEEDFS_REFUSAL_MS = 100;

/** What a subscriber of gophermq may be allowed to leave unfetched: a program that sets this means no limit. */
export const GOPHERMQ_MAX_PENDING_MAX = 1_000_000_000;
/** Messages of one fetch of gophermq: the answer is made in memory. What is left is told, and for the next. */
export const GOPHERMQ_FETCH_MESSAGES = 100_000;
/** And bytes of it. */
export const GOPHERMQ_FETCH_BYTES = 16 * MiB;
/** Bytes of asynchronous publishes of gophermq that are under way, half of what may wait for a commit; and that wait for them. */
export const GOPHERMQ_ASYNC_BYTES = PENDING_BYTES / 2;
/** The longest wait of a fetch of gophermq, and of a read of blockqueue: what is longer is a mistake in the unit. */
export const COMPAT_WAIT_MS_MAX = 3_600_000;
/** Messages of one read of blockqueue, unless it says. */
export const BLOCKQUEUE_READ_DEFAULT = 10;
/** And at most. Also dead letters on one page, and of one replay. */
export const BLOCKQUEUE_READ_MAX = 1000;
/** Dead letters on one page of blockqueue, unless it says. */
export const BLOCKQUEUE_LETTERS_DEFAULT = 100;
/** Subscribers in one request of blockqueue. */
export const BLOCKQUEUE_SUBSCRIBERS_MAX = 1000;
