import { addTexts } from '$shared/i18n/i18n.svelte';
import en from './en.json';
import zh from './zh.json';

addTexts(zh, en);
