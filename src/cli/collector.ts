/** Where spans go: an OTLP collector, as OpenTelemetry's own variables name it. */

import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../config.ts';
import { switchTracingOn } from '../tracing.ts';

/**
 * Begins to send spans to `OTEL_EXPORTER_OTLP_ENDPOINT`.
 *
 * Traces that come from outside decide for themselves whether they are sent.
 *
 * @returns sends what is left, and ends
 */
export function openCollector({ share, delayMs }: TracesConfig): () => Promise<void> {
  const detectors = [
    resourceAttributesEnvDetector,
    serviceNameEnvDetector,
    serviceInstanceIdDetector,
  ];
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'stratograph' }))
    .merge(detectResources({ detectors }));
  const provider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: delayMs,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  // No baggage: what clients put into it would go on to the clouds.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  switchTracingOn();
  return () => provider.shutdown();
}
