package io.playhead.client;

import java.util.List;
import java.util.Optional;

/**
 * What a pull has brought.
 *
 * @param deliveries none if there was nothing
 * @param drained set if the topic is closed and everything in it settled: nothing will come any
 *     more
 */
public record Pulled(List<Delivery> deliveries, Optional<ConsumptionEnd.Drained> drained) {}
