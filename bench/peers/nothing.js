// The control: what the page, the browser and the measuring itself cost.
window.benchTrack = () => {};
benchReady();
