import type { XXHashAPI } from 'xxhash-wasm';
import xxhash from 'xxhash-wasm';
import { SEAWEEDFS_HASH_BYTES, SEAWEEDFS_PARTITIONS } from '../limits.ts';

const PARTITIONS = BigInt(SEAWEEDFS_PARTITIONS);

let loading: Promise<XXHashAPI> | undefined;

/** Tells the partition of messages whose publishers chose none. */
export class Partitioner {
  readonly #hash: XXHashAPI;

  private constructor(hash: XXHashAPI) {
    this.#hash = hash;
  }

  static async load(): Promise<Partitioner> {
    loading ??= xxhash();
    return new Partitioner(await loading);
  }

  /**
   * As the Go client has it: by the XXH64 of the key. One without a key goes by its timestamp: the client deals them out in
   * turn, and those of one batch have consecutive ones.
   */
  partitionOf(key: Uint8Array, timestampNs: bigint): number {
    return Number((key.length === 0 ? timestampNs : this.#hashOf(key)) % PARTITIONS);
  }

  /** In steps: what is hashed at once is copied into memory that stays. */
  #hashOf(key: Uint8Array): bigint {
    if (key.length <= SEAWEEDFS_HASH_BYTES) return this.#hash.h64Raw(key);
    const hash = this.#hash.create64();
    for (let at = 0; at < key.length; at += SEAWEEDFS_HASH_BYTES) {
      hash.update(key.subarray(at, at + SEAWEEDFS_HASH_BYTES));
    }
    return hash.digest();
  }
}
