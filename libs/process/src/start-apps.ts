import 'reflect-metadata';
import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagingModule, type JobStore } from '#messaging';
import type { RunningApp } from '#runtime';
import { CoreModule, type CoreParts } from './core.module.js';

@Module({})
class AppsModule {}

export interface RunningApps extends RunningApp {
  /** What an app has made. */
  readonly get: INestApplicationContext['get'];
}

/**
 * Starts apps without an API in one application context: loops and processors begin when all of it is in place. Stopping
 * has all of them finish what they have in hand; what they were given stays with the caller.
 * @throws what a provider throws while it is made, and where the queues can't be opened
 */
export async function startApps(
  parts: CoreParts & { readonly store: JobStore },
  apps: readonly DynamicModule[],
): Promise<RunningApps> {
  const root = { module: AppsModule, imports: [CoreModule.with(parts), MessagingModule.on(parts.store), ...apps] };
  const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  return { get: context.get.bind(context) as INestApplicationContext['get'], stop: () => context.close() };
}
