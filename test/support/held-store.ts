import type { LevelStore } from '../../src/storage/level-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { Gate } from './gate.ts';

/** A store of which the test can hold up what it likes, before it has had any effect. */
export class HeldStore implements Store {
  readonly appends = new Gate();
  readonly finds = new Gate();
  readonly removals = new Gate();
  readonly records = new Gate();
  readonly #store: Store;

  constructor(store: LevelStore) {
    this.#store = store;
  }

  open: Store['open'] = () => this.#store.open();
  close: Store['close'] = () => this.#store.close();
  readTopic: Store['readTopic'] = (read) => this.#store.readTopic(read);
  frameStart: Store['frameStart'] = (timestampNs) => this.#store.frameStart(timestampNs);
  readTape: Store['readTape'] = (fromNs) => this.#store.readTape(fromNs);
  readTapeReverse: Store['readTapeReverse'] = (beforeNs) => this.#store.readTapeReverse(beforeNs);
  compact: Store['compact'] = (fromNs, toNs) => this.#store.compact(fromNs, toNs);
  sizeBetween: Store['sizeBetween'] = (fromNs, toNs) => this.#store.sizeBetween(fromNs, toNs);
  putCheckpoint: Store['putCheckpoint'] = (records) => this.#store.putCheckpoint(records);
  removeTopics: Store['removeTopics'] = (topicIds) => this.#store.removeTopics(topicIds);
  space: Store['space'] = () => this.#store.space();

  append: Store['append'] = async (frames, options) => {
    await this.appends.pass();
    await this.#store.append(frames, options);
  };

  findFirst: Store['findFirst'] = async (topicId, fromNs, isWanted) => {
    await this.finds.pass();
    return this.#store.findFirst(topicId, fromNs, isWanted);
  };

  placeAt: Store['placeAt'] = async (topic, timestampNs) => {
    await this.finds.pass();
    return this.#store.placeAt(topic, timestampNs);
  };

  findLast: Store['findLast'] = async (topicId, isWanted) => {
    await this.finds.pass();
    return this.#store.findLast(topicId, isWanted);
  };

  removeStep: Store['removeStep'] = async (topicId, untilNs) => {
    await this.removals.pass();
    return this.#store.removeStep(topicId, untilNs);
  };

  putTopics: Store['putTopics'] = async (topics) => {
    await this.records.pass();
    await this.#store.putTopics(topics);
  };
}
