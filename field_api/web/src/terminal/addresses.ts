/** The handheld's addresses: the phone's Back button goes through them, and a reload stays. */
import { Router } from '$shared/router/router.svelte';

export const router = new Router({
  tasks: '/terminal/',
  queue: '/terminal/queue',
  task: '/terminal/task/:id',
  report: '/terminal/task/:id/report',
  quick: '/terminal/quick',
  view: '/terminal/view',
  messages: '/terminal/messages',
  channel: '/terminal/messages/:id',
  map: '/terminal/map',
  inspections: '/terminal/inspections',
  inspection: '/terminal/inspection/:id',
  checklist: '/terminal/inspection/:id/checklist',
  hazard: '/terminal/inspection/:id/hazard/:hazard',
  paper: '/terminal/paper/:id',
  sign: '/terminal/paper/:id/sign',
  enterprises: '/terminal/enterprises',
  enterprise: '/terminal/enterprise/:id',
  begin: '/terminal/enterprise/:id/inspect',
  ready: '/terminal/ready',
} as const);
