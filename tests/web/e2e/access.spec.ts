import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { cell, clickCell, expect, open, settings, test } from './support/test.ts';

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .slice(0, 3)
          .join(' ')}`,
    );
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no serious barrier in ${colorScheme}`, async ({ page }) => {
    test.slow();
    await page.emulateMedia({ colorScheme });
    await open(page);
    await expect(page.locator('.figure canvas')).toHaveCount(6);
    expect(await violations(page)).toEqual([]);
    await settings(page).click();
    await clickCell(page, 3, 2);
    for (const table of await page.locator('.twin summary').all()) await table.click();
    await page.getByLabel('Colour by').selectOption('kl_final');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'How to read this' }).click();
    expect(await violations(page)).toEqual([]);
  });
}

test('the keyboard walks the grid, selects and clears', async ({ page }) => {
  await open(page);
  const grid = page.getByRole('grid').first();
  await page.getByLabel('Colour by').focus();
  while (!(await cell(page, 6, 0).evaluate((element) => element === document.activeElement)))
    await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(cell(page, 5, 1)).toBeFocused();
  await expect(page.locator('.readout')).toContainText('layer 5');
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('complementary', { name: 'Selected point' });
  await expect(drawer).toContainText('layer 5 of 6');
  await page.keyboard.press('ArrowDown');
  await expect(drawer).toContainText('layer 4 of 6');
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await page.keyboard.press('Control+End');
  await expect(grid.locator('[data-layer="0"]').last()).toBeFocused();
  await expect(grid.locator('[tabindex="0"]')).toHaveCount(1);
});

test('every figure has its numbers as a table', async ({ page }) => {
  await open(page);
  await expect(page.locator('.figure')).toHaveCount(6);
  for (const figure of await page.locator('.figure').all()) {
    await figure.getByText('Table', { exact: true }).click();
    await expect(figure.getByRole('table')).toBeVisible();
    expect(await figure.locator('tbody tr').count()).toBeGreaterThan(1);
  }
});

for (const width of [360, 768, 1024, 1440]) {
  test(`nothing scrolls sideways at ${width} px, and targets are large enough`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await open(page);
    await settings(page).click();
    await clickCell(page, 3, 2);
    await expect(page.locator('.figure canvas').last()).toBeAttached();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const small = await page
      .locator('button:visible, select:visible, input:visible, summary:visible, .cell:visible')
      .evaluateAll((all) =>
        all
          .filter((one) => !one.classList.contains('sr-only'))
          .map((one) => ({ box: one.getBoundingClientRect(), text: one.textContent }))
          .filter(({ box }) => box.width < 24 || box.height < 24)
          .map(({ text, box }) => `${text} ${box.width}x${box.height}`),
      );
    expect(small).toEqual([]);
  });
}

test('models stand side by side on a wide screen and in tabs on a narrow one', async ({ page }) => {
  await open(page);
  await expect(page.locator('.grid-frame:visible')).toHaveCount(2);
  await page.setViewportSize({ width: 700, height: 900 });
  await expect(page.locator('.grid-frame:visible')).toHaveCount(1);
  await page.getByRole('tab').first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { selected: true })).toBeFocused();
  await expect(page.getByRole('tab').nth(1)).toHaveAttribute('aria-selected', 'true');
});
