/** The handheld's addresses: the phone's Back button goes through them, and a reload stays. */
import { Router } from '$shared/router/router.svelte';

export const router = new Router({
  tasks: '/terminal/',
  queue: '/terminal/queue',
  task: '/terminal/task/:id',
  report: '/terminal/task/:id/report',
} as const);
